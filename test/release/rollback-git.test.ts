import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { configMaps, deployments, secrets } from '../../src/api/scheme.ts'
import { GitNotMoved, type GuardName, RefusedByGuard } from '../../src/release/release-error.ts'
import { hasOpenJournal } from '../../src/release/rollback/journal.ts'
import { GivenApp, manifestOf, settingsOf } from './given-app.ts'

let app: GivenApp
beforeEach(async () => {
  app = await GivenApp.start({ badImages: ['app:bad'] })
  await app.keepRecords()
})
afterEach(() => app.stop())

const git = (more: object) => ({
  git: {
    app: { repository: app.repository.repository, paths: ['app'] },
    deploy: { remote: 'origin', branch: 'main' },
    publish: { type: 'push' } as const,
    ...more,
  },
})
const inDefault = { namespace: 'default' }

async function twoReleases(): Promise<void> {
  await app.deploy('app:1')
  await app.deploy('app:2')
}

describe('where the commit goes', () => {
  test('a push that loses a race is made again on top of what came', async () => {
    await twoReleases()
    const hook = app.repository.path('.git/hooks/pre-push')
    const clone = await app.repository.clone()
    const script = `#!/bin/sh\ntest -e ${clone.root}/raced && exit 0\ntouch ${clone.root}/raced\ncd ${clone.root} && unset GIT_DIR && git add raced && git commit -qm race && git push -q\n`
    await writeFile(hook, script, { mode: 0o755 })
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy' })
    expect(await app.pushed('raced')).toBe('')
    expect(await app.pushed('app/app.yaml')).toContain('app:1')
  })

  test('a refused push moves nothing, and says what can be done', async () => {
    await twoReleases()
    const hook = join(app.repository.folder, 'remote.git/hooks/pre-receive')
    await writeFile(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    const refused = app.rollback()
    await expect(refused).rejects.toThrow(GitNotMoved)
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('--branch') })
    expect(await app.image()).toBe('app:2')
    expect(await hasOpenJournal(app.cluster.transport, await app.cluster.deployment())).toBe(false)
  })

  test('onto a branch of its own: owed until it is merged', async () => {
    await twoReleases()
    const report = await app.rollback(git({ publish: { type: 'branch', name: 'back' } }))
    expect(report.owed).toMatchObject({ waitsIn: 'the branch back' })
    expect(await app.pushed('app/app.yaml')).toContain('app:2')
    expect(await app.repository.remoteHead('back')).toBe(report.git?.commit)
  })

  test('as a patch', async () => {
    await twoReleases()
    const report = await app.rollback(git({ publish: { type: 'patch' } }))
    expect(report.git?.patch).toContain('Subject: [PATCH] Roll back app to r1')
    expect(report.owed).toMatchObject({ waitsIn: 'a patch' })
  })

  test("into the local branch; and the user's dirty checkout is left alone", async () => {
    await twoReleases()
    await app.rollback(git({ publish: { type: 'local' }, deploy: undefined }))
    expect(await app.repository.git('show', 'main:app/app.yaml')).toContain('app:1')
    await app.repository.push()
    await app.repository.write({ mine: 'x' })
    const report = await app.rollback({ to: { type: 'redo' } })
    expect(report.git?.checkoutLeft).toContain('not committed')
    expect(await app.pushed('app/app.yaml')).toContain('app:2')
  })

  test('with HEAD detached and no remote, or a push to none: refused, no ref is made', async () => {
    await twoReleases()
    const refs = () => app.repository.git('for-each-ref')
    const before = await refs()
    const toNone = app.rollback(git({ publish: { type: 'push' }, deploy: undefined }))
    await expect(toNone).rejects.toThrow('nowhere to push to')
    await app.repository.git('checkout', '--quiet', '--detach')
    const detached = app.rollback(git({ publish: { type: 'local' }, deploy: undefined }))
    await expect(detached).rejects.toThrow(GitNotMoved)
    await expect(detached).rejects.toThrow('HEAD is detached')
    await expect(detached).rejects.toMatchObject({ hint: expect.stringContaining('--patch') })
    expect(await refs()).toBe(before)
    expect(await app.image()).toBe('app:2')
  })

  test('the remote is gone: nothing moves, and in an emergency the cluster does', async () => {
    await twoReleases()
    await app.repository.git('remote', 'set-url', 'origin', join(app.repository.folder, 'gone'))
    const refused = app.rollback()
    await expect(refused).rejects.toThrow(GitNotMoved)
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining('--cluster-first'),
    })
    expect(await app.image()).toBe('app:2')
    const report = await app.rollback({ clusterFirst: true, reason: 'the host is down' })
    expect(report.owed).toMatchObject({ reason: 'the host is down' })
    expect(await app.image()).toBe('app:1')
    expect(await app.text()).toBe('app1')
  })

  test('from a shallow clone', async () => {
    await twoReleases()
    const repository = await app.repository.clone('--depth=1')
    const shallow = { app: { repository, paths: ['app'] } }
    expect(await app.rollback(git(shallow), { repository })).toMatchObject({ outcome: 'healthy' })
    expect(await app.pushed('app/app.yaml')).toContain('image: app:1 # moves')
  })

  test('of two apps in one commit only one moves', async () => {
    const other = (image: string) => manifestOf(image).replaceAll(/\bapp\b(?!:)/g, 'other')
    await app.repository.write({ 'app/other.yaml': other('app:1') })
    await app.deploy('app:1')
    await app.repository.write({ 'app/other.yaml': other('app:2') })
    await app.deploy('app:2')
    await app.rollback()
    expect(await app.pushed('app/app.yaml')).toContain('app:1')
    expect(await app.pushed('app/other.yaml')).toContain('app:2')
  })

  test('of two apps and a Secret in one file, too', async () => {
    const whole = (version: number) =>
      [
        manifestOf(`app:${version}`).replace('spec:\n', `spec:\n  minReadySeconds: ${version}\n`),
        manifestOf(`app:${version}`).replaceAll(/\bapp\b(?!:)/g, 'other'),
        `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { p: p${version} }\n`,
      ].join('---\n')
    for (const version of [1, 2]) {
      const files = { 'app/app.yaml': whole(version), 'app/settings.yaml': settingsOf('same') }
      await app.repository.commit(files)
      await app.repository.push()
      await app.apply({ isSigned: true })
      await app.settle()
    }
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy' })
    const expected = whole(2).replace('image: app:2', 'image: app:1')
    expect(await app.pushed('app/app.yaml')).toBe(expected.trim())
    expect(await app.drift()).toMatchObject({ exitCode: 0 })
    expect(await app.apply()).toEqual([])
  })

  test('no commit matches: only the template is edited; comments, CRLF and anchors stay', async () => {
    const before = manifestOf('app:2').replaceAll('\n', '\r\n')
    await app.deploy('app:0')
    await app.repository.commit({ 'app/app.yaml': before })
    await app.repository.push()
    await app.apply()
    await app.cluster.setImage('app:hand')
    await app.settle()
    await app.deploy('app:3')
    const crlf = manifestOf('app:3').replaceAll('\n', '\r\n')
    await app.repository.commit({ 'app/app.yaml': crlf })
    await app.repository.push()
    const hand = (await app.story()).findIndex((row) => row.includes('app:hand')) + 1
    await app.rollback({ to: { type: 'to', text: `r${hand}` } })
    const edited = `${await app.pushed('app/app.yaml')}\n`
    expect(edited).toContain('image: app:hand # moves\r\n')
    expect(edited.replaceAll('\r\n', '')).not.toContain('\n')
    expect(await app.image()).toBe('app:hand')
  })
})

describe('states a rollback may begin in', () => {
  test('in the middle of a rollout, and onto a ReplicaSet that is gone', async () => {
    await app.deploy('app:1')
    await app.cluster.change({ spec: { revisionHistoryLimit: 0 } })
    await app.deploy('app:2')
    await app.deploy('app:bad')
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy', target: 'r2' })
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy', target: 'r1' })
    expect(await app.image()).toBe('app:1')
  })

  test('configuration that no commit has comes back, to Git as well', async () => {
    await app.deploy('app:1', 'one')
    const body = { data: { TEXT: 'hand' } }
    const patch = { type: 'application/merge-patch+json', body } as const
    await app.cluster.transport.patch(configMaps, { ...inDefault, name: 'settings' }, patch)
    await app.settle()
    await app.deploy('app:2', 'two')
    expect(await app.rollback({ to: { type: 'to', text: 'r2' } })).toMatchObject({
      outcome: 'healthy',
      target: 'r2',
    })
    expect([await app.image(), await app.text()]).toEqual(['app:1', 'hand'])
    expect(await app.pushed('app/settings.yaml')).toBe(settingsOf('hand').trim())
    expect(await app.pushed('app/app.yaml')).toBe(manifestOf('app:1').trim())
    expect(await app.drift()).toMatchObject({ exitCode: 0 })
    expect(await app.apply()).toEqual([])
    const [first] = await app.releases()
    await app.rollback({ to: { type: 'to', text: first?.provenance?.commit ?? '' } })
    expect(await app.text()).toBe('one')
  })

  test('paused: refused, or resumed in the same write', async () => {
    await twoReleases()
    await app.cluster.change({ spec: { paused: true } })
    await expect(app.rollback()).rejects.toThrow('paused')
    expect(await app.rollback({ resume: true })).toMatchObject({ outcome: 'healthy' })
  })

  test('only the configuration changes: pods are restarted to read it', async () => {
    await app.deploy('app:1', 'old')
    const names = async () => (await app.cluster.livePods()).map(({ metadata }) => metadata.name)
    await app.deploy('app:1', 'new')
    const before = await names()
    expect(await app.story()).toEqual(['r1 apply healthy app:1', 'r2 apply unknown app:1'])
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy', target: 'r1' })
    expect(await app.text()).toBe('old')
    expect(await app.pushed('app/settings.yaml')).toBe(settingsOf('old').trim())
    expect((await names()).some((name) => before.includes(name))).toBe(false)
    expect(await app.apply()).toEqual([])
  })

  test('day zero, without records: the ReplicaSet before, health unknown', async () => {
    await app.stop()
    app = await GivenApp.start()
    await twoReleases()
    expect(await app.releases()).toEqual([])
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy', target: 'revision 1' })
    expect(await app.image()).toBe('app:1')
    expect(await app.pushed('app/app.yaml')).toContain('app:1')
    expect(await app.apply()).toEqual([])
  })
})

test.each([
  ['a rotated Secret stays rotated', {}, 'new'],
  ['unless it asks to be kept', { 'astern.dev/keep-secrets': 'true' }, 'old'],
])('%s', async (_, annotations, expected) => {
  const { transport } = app.cluster
  const metadata = { name: 's', annotations }
  const secret = (p: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { p } })
  const reads = '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: p } } }]\n'
  await transport.create(secrets, inDefault, secret('old'))
  for (const image of ['app:1', 'app:2']) {
    const files = { 'app/app.yaml': manifestOf(image, reads), 'app/settings.yaml': settingsOf('x') }
    await app.repository.commit(files)
    await app.repository.push()
    await app.apply({ isSigned: true })
    await app.settle()
    await transport.update(secrets, { ...inDefault, name: 's' }, secret('new'))
  }
  await app.rollback()
  const { data = {} } = await transport.get(secrets, { ...inDefault, name: 's' })
  expect(data.p && atob(data.p)).toBe(expected)
  const records = await transport.list(configMaps, inDefault)
  const said = JSON.stringify([records, await app.cluster.eventsAbout('Deployment')])
  for (const text of ['"old"', btoa('old'), btoa('new')]) expect(said).not.toContain(text)
  expect(await app.repository.git('log', '-p', 'origin/main')).not.toContain(btoa('old'))
})

describe('guards: nothing is touched', () => {
  const other = (reads: string): KubeObject =>
    ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'other' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'other' } },
        template: {
          metadata: { labels: { app: 'other' } },
          spec: {
            containers: [{ name: 'c', image: 'c', envFrom: [{ configMapRef: { name: reads } }] }],
          },
        },
      },
    }) as KubeObject

  test.each<[GuardName, () => Promise<unknown>, string]>([
    [
      'shared-configuration',
      () => app.cluster.transport.create(deployments, inDefault, other('settings')),
      'deployment/other',
    ],
    [
      'owner',
      () =>
        app.cluster.change({ metadata: { annotations: { 'meta.helm.sh/release-name': 'web' } } }),
      'Helm (web)',
    ],
  ])('%s', async (guard, arrange, words) => {
    await twoReleases()
    await arrange()
    const [head, before] = [await app.repository.remoteHead(), await app.cluster.deployment()]
    const error = await app.rollback().catch((refused: unknown) => refused)
    expect(error).toBeInstanceOf(RefusedByGuard)
    expect((error as RefusedByGuard).refusals.map((each) => each.guard)).toEqual([guard])
    expect((error as RefusedByGuard).message).toContain(words)
    expect(await app.cluster.deployment()).toEqual(before)
    expect(await app.repository.remoteHead()).toBe(head)
    if (guard !== 'shared-configuration') return
    expect(await app.rollback({ shared: true })).toMatchObject({ outcome: 'healthy' })
  })

  test('a Secret that the target needs and is gone', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { p: 'x' },
    }
    await app.cluster.transport.create(secrets, inDefault, secret)
    const reads = '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: p } } }]\n'
    await app.repository.commit({
      'app/app.yaml': manifestOf('app:1', reads),
      'app/settings.yaml': settingsOf('x'),
    })
    await app.repository.push()
    await app.apply({ isSigned: true })
    await app.settle()
    await app.deploy('app:2')
    await app.cluster.transport.delete(secrets, { ...inDefault, name: 's' })
    await expect(app.rollback()).rejects.toThrow('r1 needs secret/s, which is not there')
  })
})

test('an owner syncs: the commit is pushed, nothing is applied behind its back', async () => {
  await twoReleases()
  const mark = { 'argocd.argoproj.io/tracking-id': 'web:apps/Deployment:default/app' }
  await app.cluster.change({ metadata: { annotations: mark } })
  const running = app.rollback()
  await app.drive(
    (async () => {
      while (!(await app.pushed('app/app.yaml')).includes('app:1'))
        await new Promise((r) => setTimeout(r, 5))
    })(),
  )
  expect(await app.image()).toBe('app:2')
  await app.repository.git('checkout', '--quiet', 'origin/main')
  await app.apply()
  expect(await running).toMatchObject({ outcome: 'healthy', owed: undefined })
  expect(await app.image()).toBe('app:1')
  expect((await app.cluster.transport.list(configMaps, inDefault)).items.length).toBeGreaterThan(0)
})
