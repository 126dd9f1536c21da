import { expect, test } from 'vitest'
import { type Prng, randomInt, seededPrng } from '../../src/base/prng.ts'
import { readDrift } from '../../src/release/drift.ts'
import { observeWorkload } from '../../src/release/observe-workload.ts'
import type { Release } from '../../src/release/record/release.ts'
import { RefusedByGuard } from '../../src/release/release-error.ts'
import { isSameTemplate } from '../../src/release/template.ts'
import { GivenApp, workload } from './given-app.ts'

/** More with `SEQUENCES=1000`; a failure names its seed. */
const sequences = Number(process.env.SEQUENCES ?? 6)
const length = 7

type Step = (app: GivenApp, prng: Prng) => Promise<unknown>

const unlessRefused = (rollback: Promise<unknown>) =>
  rollback.catch((error: unknown) => {
    if (!(error instanceof RefusedByGuard)) throw error
  })

const steps: Readonly<Record<string, Step>> = {
  deploy: (app, prng) => app.deploy(`app:${randomInt(prng, 5)}`),
  deployText: (app, prng) => app.deploy('app:1', `text${randomInt(prng, 3)}`),
  apply: (app) => app.apply(),
  edit: (app, prng) => app.cluster.setImage(`app:hand${randomInt(prng, 3)}`),
  undo: (app) => app.cluster.undo().catch(() => {}),
  rollback: (app) => unlessRefused(app.rollback()),
  clusterFirst: (app) => unlessRefused(app.rollback({ clusterFirst: true })),
  redo: (app) => unlessRefused(app.rollback({ to: { type: 'redo' } })),
}

/** What never changes about records, whatever happens. */
function immutablePart({ number, at, template, configMaps, source, restores }: Release): unknown {
  return { number, at, template, configMaps, source, restores }
}

async function run(seed: number): Promise<void> {
  const prng = seededPrng(seed)
  const app = await GivenApp.start({ seed })
  const trail: string[] = []
  try {
    await app.keepRecords()
    await app.deploy('app:0')
    let before: readonly Release[] = []
    for (let i = 0; i < length; i++) {
      const names = Object.keys(steps)
      const name = names[randomInt(prng, names.length)] as string
      trail.push(name)
      await steps[name]?.(app, prng)
      await app.settle()
      const releases = await app.releases()
      expect(releases.slice(0, before.length).map(immutablePart)).toEqual(before.map(immutablePart))
      expect(releases.map(({ number }) => number)).toEqual(releases.map((_, n) => n + 1))
      const observed = await observeWorkload(app.cluster.transport, workload)
      const last = releases.at(-1)
      expect(last && observed && isSameTemplate(last.template, observed.template)).toBe(true)
      before = releases
      if (!observed) continue
      await holdsAgainstGit(app, observed)
      if (name === 'rollback' && trail.length > 1) expect(last?.gitOwed).toBeUndefined()
    }
  } catch (error) {
    throw new Error(`seed ${seed}, after ${trail.join(', ')}`, { cause: error })
  } finally {
    await app.stop()
  }
}

/** Where drift sees none, the next apply changes nothing. */
async function holdsAgainstGit(
  app: GivenApp,
  observed: NonNullable<Awaited<ReturnType<typeof observeWorkload>>>,
): Promise<void> {
  const commit = await app.repository.remoteHead()
  const paths = { repository: app.repository.repository, paths: ['app'] }
  const drift = await readDrift(app.cluster.transport, observed, { app: paths, workload, commit })
  const template = (await app.pushed('app/app.yaml')).match(/image: (\S+)/)?.[1]
  if (drift.exitCode !== 0) {
    expect(drift.objects.length).toBeGreaterThan(0)
    return
  }
  expect(await app.image()).toBe(template)
  const { generation } = (await app.cluster.deployment()).metadata
  await app.apply()
  expect((await app.cluster.deployment()).metadata.generation).toBe(generation)
}

test.each(Array.from({ length: sequences }, (_, i) => [i + 1]))(
  'records are append-only and truthful, and drift agrees with Git: seed %i',
  (seed) => run(seed),
)
