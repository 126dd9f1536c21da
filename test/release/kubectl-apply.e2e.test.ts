import { afterEach, beforeEach, expect, test } from 'vitest'
import { sourceAnnotation } from '../../src/api/names.ts'
import { configMaps, deployments } from '../../src/api/scheme.ts'
import { transportFor } from '../../src/apiserver/in-process-transport.ts'
import { systemContext } from '../../src/base/context.ts'
import { GivenRepository } from '../../src/git/given-repository.fixture.ts'
import {
  prepareRollback,
  type RollbackRequest,
  runRollback,
} from '../../src/release/rollback/rollback.ts'
import { type KubectlAgainstApi, kubectlAgainstApi } from '../kubectl-wire.fixture.ts'
import { manifestOf, settingsOf, workload } from './given-app.ts'

let kubectl: KubectlAgainstApi
let repository: GivenRepository
beforeEach(async () => {
  kubectl = await kubectlAgainstApi('36')
  repository = await GivenRepository.create()
})
afterEach(async () => {
  await kubectl.close()
  await repository.remove()
})

const old = '          env: [{ name: OLD, value: "<1>" }]\n'
const transport = () =>
  transportFor(kubectl.api.server, { user: 'ada', groups: ['system:masters'], userAgent: 'test' })

/** Commits and applies with stock kubectl; the commit. */
async function ship(image: string, more = '', ...flags: readonly string[]): Promise<string> {
  const files = { 'app/app.yaml': manifestOf(image, more), 'app/settings.yaml': settingsOf(image) }
  const commit = await repository.commit(files, `Ship ${image}`)
  await repository.push()
  await kubectl.quiet('apply', ...flags, '-f', repository.path('app'))
  return commit
}

/** Nothing runs here: the verdict stays open. */
async function rollBackTo(commit: string, more: Partial<RollbackRequest> = {}) {
  const transaction = {
    context: systemContext(),
    transport: transport(),
    workload,
    repository: repository.repository,
    timeoutMs: 0,
  }
  const git = {
    app: { repository: repository.repository, paths: ['app'] },
    deploy: { remote: 'origin', branch: 'main' },
    publish: { type: 'push' },
  } as const
  const request: RollbackRequest = { to: { type: 'to', text: commit }, git, ...more }
  return runRollback(transaction, await prepareRollback(transaction, request))
}

const key = { namespace: 'default', name: 'app' }
const live = () => transport().get(deployments, key)
const container = async () => (await live()).spec?.template.spec?.containers[0]
const onServer = '--server-side'

test('after a rollback stock kubectl has nothing to apply, and a later apply does what it says', async () => {
  const first = await ship('"app:1"', old)
  await ship('"app:2"')
  expect(await rollBackTo(first)).toMatchObject({
    outcome: 'in-progress',
    git: { waitsIn: undefined },
  })
  expect(await kubectl.quiet('apply', '-f', repository.path('app'))).toBe(
    'deployment.apps/app unchanged\nconfigmap/settings unchanged\n',
  )
  expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD', value: '<1>' }] })
  await ship('"app:3"')
  expect(await container()).toMatchObject({ image: 'app:3' })
  expect((await container())?.env).toBeUndefined()
})

test('the same of server-side apply: no conflict, nothing left behind, and nothing to write', async () => {
  const first = await ship('"app:1"', old, onServer)
  await ship('"app:2"', '', onServer)
  await kubectl.quiet('set', 'env', 'deployment/app', 'HAND=1')
  await rollBackTo(first)
  expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD', value: '<1>' }] })
  const before = await live()
  const settings = { namespace: 'default', name: 'settings' }
  const configured = await transport().get(configMaps, settings)
  expect(await kubectl.quiet('apply', onServer, '-f', repository.path('app'))).toBe(
    'deployment.apps/app serverside-applied\nconfigmap/settings serverside-applied\n',
  )
  expect(await live()).toEqual(before)
  expect(await transport().get(configMaps, settings)).toEqual(configured)
  await ship('"app:3"', '', onServer)
  expect(await container()).toMatchObject({ image: 'app:3' })
  expect((await container())?.env).toBeUndefined()
  expect((await live()).metadata.annotations).toMatchObject({ [sourceAnnotation]: 'rollback' })
})

test('applied on the client, rolled back, then applied on the server: no conflict', async () => {
  const first = await ship('"app:1"', old)
  await ship('"app:2"')
  await rollBackTo(first)
  await ship('"app:3"', '', onServer)
  expect(await container()).toMatchObject({ image: 'app:3' })
  expect((await container())?.env).toBeUndefined()
  await rollBackTo(first)
  expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD' }] })
  const { spec } = await live()
  await kubectl.quiet('apply', '-f', repository.path('app'))
  expect((await live()).spec).toEqual(spec)
  await kubectl.quiet('apply', onServer, '-f', repository.path('app'))
  expect((await live()).spec).toEqual(spec)
})

test('a size that an autoscaler owns stays his, and a pause goes when it is asked for', async () => {
  const sizeless = (image: string) => manifestOf(image).replace('  replicas: 3\n', '')
  const apply = async (image: string) => {
    const files = { 'app/app.yaml': sizeless(image), 'app/settings.yaml': settingsOf('x') }
    const commit = await repository.commit(files)
    await repository.push()
    await kubectl.quiet('apply', onServer, '-f', repository.path('app'))
    return commit
  }
  const first = await apply('app:1')
  await apply('app:2')
  const patch = { type: 'application/merge-patch+json', body: { spec: { replicas: 7 } } } as const
  const scaler = { subresource: 'scale', fieldManager: 'kube-controller-manager' } as const
  await transport().patch(deployments, key, patch, scaler)
  await kubectl.quiet('rollout', 'pause', 'deployment/app')
  await rollBackTo(first, { resume: true })
  expect((await live()).spec).toMatchObject({ replicas: 7 })
  expect((await live()).spec?.paused).toBeUndefined()
  expect(await container()).toMatchObject({ image: 'app:1' })
  await kubectl.quiet('apply', onServer, '-f', repository.path('app'))
  expect((await live()).spec).toMatchObject({ replicas: 7 })
})
