import { expect, test } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import type { Resource } from '../../src/api/resource.ts'
import {
  configMaps,
  controllerRevisions,
  deployments,
  pods,
  replicaSets,
  secrets,
  statefulSets,
} from '../../src/api/scheme.ts'
import { type Prng, randomInt, seededPrng } from '../../src/base/prng.ts'
import type { Drift } from '../../src/release/drift.ts'
import { observeWorkload } from '../../src/release/observe-workload.ts'
import { isRunning } from '../../src/release/record/next-record.ts'
import type { Release } from '../../src/release/record/release.ts'
import { RefusedByGuard } from '../../src/release/release-error.ts'
import { type Workload, workloadResource } from '../../src/rollout/workload.ts'
import { GivenApp, imageOf, manifestOf } from './given-app.ts'

/** `npm run sequences` runs a thousand; a failure names its seed, `FIRST_SEED` begins with it. */
const sequences = Number(process.env.SEQUENCES ?? 4)
const firstSeed = Number(process.env.FIRST_SEED ?? 1)
const length = 7

type Step = (app: GivenApp, prng: Prng) => Promise<unknown>

const unlessRefused = (rollback: Promise<unknown>) =>
  rollback.then(
    () => 'moved',
    (error: unknown) => {
      if (!(error instanceof RefusedByGuard)) throw error
    },
  )

/** Forward again to what never starts has no verdict of a set for ten minutes. */
const patience = { timeoutMs: 60_000 }

const steps: Readonly<Record<string, Step>> = {
  deploy: (app, prng) => app.deploy(`app:${randomInt(prng, 5)}`),
  deployText: (app, prng) => app.deploy('app:1', `text${randomInt(prng, 3)}`),
  deployBad: (app) => app.deploy('app:bad'),
  apply: (app) => app.apply(),
  edit: (app, prng) => editImage(app, `app:hand${randomInt(prng, 3)}`),
  editText: (app, prng) => editText(app, `hand${randomInt(prng, 3)}`),
  scale: (app, prng) => scale(app, 1 + randomInt(prng, 4)),
  undo: (app) => app.undo().catch(() => {}),
  rollback: (app) => unlessRefused(app.rollback({}, patience)),
  clusterFirst: (app) => unlessRefused(app.rollback({ clusterFirst: true }, patience)),
  redo: (app) => unlessRefused(app.rollback({ to: { type: 'redo' } }, patience)),
}

/** As `kubectl set image` does: the rest of the container stays. */
function editImage({ cluster, workload }: GivenApp, image: string): Promise<unknown> {
  const body = { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } }
  const patch = { type: 'application/strategic-merge-patch+json', body } as const
  return cluster.transport.patch(workloadResource(workload.kind), workload, patch)
}

function scale({ cluster, workload }: GivenApp, replicas: number): Promise<unknown> {
  const patch = { type: 'application/merge-patch+json', body: { spec: { replicas } } } as const
  return cluster.transport.patch(workloadResource(workload.kind), workload, patch)
}

function editText(app: GivenApp, text: string): Promise<unknown> {
  const body = { data: { TEXT: text } }
  const patch = { type: 'application/merge-patch+json', body } as const
  return app.cluster.transport.patch(configMaps, { ...inDefault, name: 'settings' }, patch)
}

const inDefault = { namespace: 'default' }
const planned = ['app/app.yaml', 'app/settings.yaml']

/** Another app beside ours, in the cluster and in the same folder of Git: nobody may touch it. */
async function addBystanders(app: GivenApp): Promise<void> {
  const { cluster, repository } = app
  const other = manifestOf('other:1').replaceAll(/\bapp\b/g, 'other')
  await repository.commit({ 'app/other.yaml': other.replace('settings', 'unread'), 'x.md': 'x' })
  const labels = { app: 'other' }
  const spec = { containers: [{ name: 'other', image: 'other:1' }] }
  await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'other' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  } as KubeObject)
  for (const kind of ['ConfigMap', 'Secret']) {
    await cluster.create({ apiVersion: 'v1', kind, metadata: { name: 'unread' } } as KubeObject)
  }
  await app.settle()
}

const seen: readonly Resource[] = [
  deployments,
  replicaSets,
  statefulSets,
  controllerRevisions,
  pods,
  configMaps,
  secrets,
]

/** What is not of our app: every object with its version. */
async function bystanders({ cluster }: GivenApp): Promise<readonly string[]> {
  const lists = seen.map((resource) => cluster.transport.list(resource, inDefault))
  const items = (await Promise.all(lists)).flatMap(({ items }) => items)
  return items
    .filter(({ metadata: { name = '' } }) => /^(astern-)?other\b|^unread$/.test(name))
    .map(({ kind, metadata: { name, resourceVersion } }) => `${kind} ${name} ${resourceVersion}`)
    .sort()
}

/** What never changes about records, whatever happens. */
function immutablePart({ number, at, template, configMaps, source, restores }: Release): unknown {
  return { number, at, template, configMaps, source, restores }
}

async function run(kind: 'Deployment' | 'StatefulSet', seed: number): Promise<void> {
  const prng = seededPrng(seed)
  const app = await GivenApp.start({ kind, seed, badImages: ['app:bad'] })
  const trail: string[] = []
  try {
    await app.keepRecords()
    await addBystanders(app)
    await app.deploy('app:0')
    const others = await bystanders(app)
    expect(others.length).toBeGreaterThan(4)
    let before: readonly Release[] = []
    for (let i = 0; i < length; i++) {
      const names = Object.keys(steps)
      const name = names[randomInt(prng, names.length)] as string
      trail.push(name)
      const done = await steps[name]?.(app, prng)
      await app.settle()
      const releases = await app.releases()
      holdsOfRecords(before, releases)
      const last = releases.at(-1)
      if (done === 'moved') expect(last?.source).toBe(name === 'redo' ? 'redo' : 'rollback')
      if (name === 'rollback' && done) expect(last?.gitOwed).toBeUndefined()
      before = releases
      await tellsTheTruth(app, last)
      await holdsAgainstGit(app, done === 'moved')
      expect(await bystanders(app)).toEqual(others)
    }
    await movedOnlyWhatWasPlanned(app)
  } catch (error) {
    throw new Error(`seed ${seed}, after ${trail.join(', ')}`, { cause: error })
  } finally {
    await app.stop()
  }
}

function holdsOfRecords(before: readonly Release[], releases: readonly Release[]): void {
  expect(releases.slice(0, before.length).map(immutablePart)).toEqual(before.map(immutablePart))
  expect(releases.map(({ number }) => number)).toEqual(releases.map((_, n) => n + 1))
}

/** The last record is what runs; the commit that it names has that template. */
async function tellsTheTruth(app: GivenApp, last: Release | undefined): Promise<void> {
  const observed = await observeWorkload(app.cluster.transport, app.workload)
  expect(last && observed && isRunning(last, observed)).toBe(true)
  const { commit, tree } = last?.provenance ?? {}
  if (commit === undefined || tree === 'dirty') return
  const file = await app.repository.git('show', `${commit}:app/app.yaml`)
  expect(imageIn(file)).toBe(await app.image())
}

const sizeOf = ({ spec }: Workload) => (spec && 'replicas' in spec ? spec.replicas : undefined)
const imageIn = (file: string) => /image: (\S+)/.exec(file)?.[1]

/** Compared by nothing that `drift` uses: the words in the files, and the fields that live. */
async function differsFromGit(app: GivenApp): Promise<boolean> {
  const [file, settings] = [await app.pushed(planned[0] ?? ''), await app.pushed(planned[1] ?? '')]
  const live = await app.live()
  return (
    imageIn(file) !== imageOf(live) ||
    /replicas: (\d+)/.exec(file)?.[1] !== String(sizeOf(live)) ||
    /TEXT: (\w+)/.exec(settings)?.[1] !== (await app.text())
  )
}

/** Drift agrees with that comparison; where there is none, the next apply changes nothing. */
async function holdsAgainstGit(app: GivenApp, isOurs: boolean): Promise<void> {
  const drift: Drift = await app.drift()
  expect(drift.exitCode !== 0).toBe(await differsFromGit(app))
  expect(drift.objects.length > 0).toBe(drift.exitCode !== 0)
  if (drift.exitCode !== 0) return
  const { spec } = await app.live()
  const changed = await app.apply()
  expect((await app.live()).spec).toEqual(spec)
  expect(await differsFromGit(app)).toBe(false)
  // A raw undo leaves last-applied-configuration stale: the next apply writes that. Ours do not.
  if (isOurs) expect(changed).toEqual([])
}

/** Commits of rollbacks restore files of this app alone. */
async function movedOnlyWhatWasPlanned({ repository }: GivenApp): Promise<void> {
  await repository.git('fetch', '--quiet', 'origin')
  const args = ['log', '--format=', '--name-only', '--grep=^Rolled-back-operation', 'origin/main']
  const files = (await repository.git(...args)).split('\n').filter((line) => line !== '')
  expect(files.filter((file) => !planned.includes(file))).toEqual([])
}

const seeds = Array.from({ length: sequences }, (_, i) => firstSeed + i)
const title = 'records are append-only and truthful, drift agrees with Git, nothing else moves'
/** Seconds alone; among others, on a busy machine, many times that. */
const timeoutMs = 600_000

test.concurrent.each(seeds)(`${title}: seed %i`, (seed) => run('Deployment', seed), timeoutMs)

/** Half as many, for what differs is little. */
test.concurrent.each(seeds.slice(0, Math.ceil(sequences / 2)))(
  `${title}, of a StatefulSet: seed %i`,
  (seed) => run('StatefulSet', seed),
  timeoutMs,
)
