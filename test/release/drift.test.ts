import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configMaps, secrets } from '../../src/api/scheme.ts'
import { diffSnapshots, snapshotOfCommit, snapshotOfRelease } from '../../src/release/diff.ts'
import { readDrift } from '../../src/release/drift.ts'
import { readHistory } from '../../src/release/history.ts'
import { observeWorkload } from '../../src/release/observe-workload.ts'
import { GivenApp, manifestOf, workload } from './given-app.ts'

let app: GivenApp
beforeEach(async () => {
  app = await GivenApp.start({ badImages: ['app:bad'] })
  await app.keepRecords()
})
afterEach(() => app.stop())

const paths = () => ({ repository: app.repository.repository, paths: ['app'] })

async function observed() {
  const found = await observeWorkload(app.cluster.transport, workload)
  if (!found) throw new Error('no Deployment')
  return found
}

async function drift() {
  const commit = await app.repository.remoteHead()
  return readDrift(app.cluster.transport, await observed(), { app: paths(), workload, commit })
}

describe('drift names how live and Git came apart', () => {
  test('not at all; defaults, restarts and what others annotate are none', async () => {
    await app.deploy('app:1')
    await app.cluster.change({ metadata: { annotations: { theirs: 'x' } } })
    expect(await drift()).toMatchObject({ cause: { kind: 'none' }, objects: [], exitCode: 0 })
  })

  test('Git is ahead', async () => {
    const first = await app.deploy('app:1')
    await app.repository.commit({ 'app/app.yaml': manifestOf('app:2') })
    await app.repository.push()
    expect(await drift()).toMatchObject({
      cause: { kind: 'git-ahead', liveCommit: first },
      exitCode: 6,
      objects: [
        {
          object: 'Deployment/app',
          fields: [
            { path: 'spec.template.spec.containers[name=app].image', from: 'app:2', to: 'app:1' },
          ],
        },
      ],
    })
  })

  test('edited by hand: template, size, configuration', async () => {
    await app.deploy('app:1')
    await app.cluster.setImage('app:9')
    await app.cluster.change({ spec: { replicas: 5 } })
    await app.cluster.transport.patch(
      configMaps,
      { namespace: 'default', name: 'settings' },
      { type: 'application/merge-patch+json', body: { data: { TEXT: 'mine' } } },
    )
    await app.settle()
    const found = await drift()
    expect(found).toMatchObject({ cause: { kind: 'edited' }, exitCode: 6 })
    expect(found.objects.flatMap(({ fields }) => fields.map(({ path }) => path))).toEqual([
      'spec.template.spec.containers[name=app].envFrom',
      'spec.template.spec.containers[name=app].image',
      'spec.replicas',
      'data.TEXT',
    ])
  })

  test('undone by raw kubectl, to which commit; owed; and paid', async () => {
    const first = await app.deploy('app:1')
    await app.deploy('app:2')
    await app.cluster.undo()
    await app.settle()
    expect(await drift()).toMatchObject({
      cause: { kind: 'undone', liveCommit: first },
      exitCode: 6,
    })
    await app.deploy('app:3')
    await app.rollback({ clusterFirst: true, reason: 'now' })
    expect(await drift()).toMatchObject({
      cause: { kind: 'git-owed', debt: { reason: 'now' } },
      exitCode: 5,
    })
    const last = (await app.releases()).at(-1)
    await app.rollback({ to: { type: 'to', text: `r${last?.number}` } })
    expect(await drift()).toMatchObject({ cause: { kind: 'none' }, exitCode: 0 })
  })
})

test('history: what ran before the records, what ran, and what never did', async () => {
  const first = await app.deploy('app:1')
  await app.deploy('app:bad')
  const never = await app.repository.commit(
    { 'app/app.yaml': manifestOf('app:3') },
    'Never shipped',
  )
  const git = { app: paths(), ref: 'HEAD', workload }
  const { rows, isShallow, underWay } = await readHistory(
    app.cluster.transport,
    await observed(),
    git,
  )
  expect({ isShallow, underWay }).toEqual({ isShallow: false, underWay: undefined })
  expect(rows.find(({ commit }) => commit === first)).toMatchObject({
    release: 1,
    revision: '1',
    who: 'ada',
    why: 'Ship app:1',
    images: ['app:1'],
    health: 'healthy',
    source: 'apply',
  })
  expect(rows.find(({ commit }) => commit === never)).toMatchObject({
    type: 'commit',
    why: 'Never shipped',
  })
  expect(rows.filter(({ isLive }) => isLive)).toMatchObject([{ release: 2 }])
})

test('diff: template and configuration; of a Secret only whether it changed', async () => {
  const { transport } = app.cluster
  const secret = (password: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    stringData: { password },
  })
  await transport.create(secrets, { namespace: 'default' }, secret('hunter2'))
  const reads =
    '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: password } } }]\n'
  const deploy = async (image: string, text: string) => {
    await app.deploy(image, text)
    await app.repository.commit({ 'app/app.yaml': manifestOf(image, reads) })
    await app.apply({ isSigned: true })
    await app.settle()
  }
  await deploy('app:1', 'one')
  await transport.update(secrets, { namespace: 'default', name: 's' }, secret('correct horse'))
  await deploy('app:2', 'two')
  const releases = await app.releases()
  const live = await app.cluster.deployment()
  const [before, after] = [releases.find(({ secrets: all }) => all.length > 0), releases.at(-1)]
  if (!before || !after) throw new Error('no releases')
  const diff = diffSnapshots(
    await snapshotOfRelease(transport, live, before),
    await snapshotOfRelease(transport, live, after),
  )
  expect(diff).toMatchObject({
    template: [{ path: 'spec.containers[name=app].image', from: 'app:1', to: 'app:2' }],
    configuration: [{ name: 'settings', fields: [{ path: 'data.TEXT', from: 'one', to: 'two' }] }],
    secrets: [{ name: 's', change: 'changed' }],
  })
  const head = await app.repository.git('rev-parse', 'HEAD')
  const commit = await snapshotOfCommit(paths(), head, workload)
  expect(diffSnapshots(await snapshotOfRelease(transport, live, after), commit)).toMatchObject({
    template: [],
    configuration: [],
    secrets: [{ change: 'unknown' }],
  })
  const all = await transport.list(configMaps, { namespace: 'default' })
  for (const text of ['hunter2', 'correct horse', btoa('hunter2'), btoa('correct horse')]) {
    expect(JSON.stringify(all.items)).not.toContain(text)
  }
})
