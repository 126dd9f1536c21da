import { afterEach, beforeEach, expect, test } from 'vitest'
import { deployments } from '../../src/api/scheme.ts'
import { transportFor } from '../../src/apiserver/in-process-transport.ts'
import { systemContext } from '../../src/base/context.ts'
import { GivenRepository } from '../../src/git/given-repository.fixture.ts'
import { prepareRollback, runRollback } from '../../src/release/rollback/rollback.ts'
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
async function ship(image: string, more = ''): Promise<string> {
  const files = { 'app/app.yaml': manifestOf(image, more), 'app/settings.yaml': settingsOf(image) }
  const commit = await repository.commit(files, `Ship ${image}`)
  await repository.push()
  await kubectl.quiet('apply', '-f', repository.path('app'))
  return commit
}

/** Nothing runs here: the verdict stays open. */
async function rollBackTo(commit: string) {
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
  const request = { to: { type: 'to', text: commit }, git } as const
  return runRollback(transaction, await prepareRollback(transaction, request))
}

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
  const key = { namespace: 'default', name: 'app' }
  const container = async () =>
    (await transport().get(deployments, key)).spec?.template.spec?.containers[0]
  expect(await container()).toMatchObject({ image: 'app:1', env: [{ name: 'OLD', value: '<1>' }] })
  await ship('"app:3"')
  expect(await container()).toMatchObject({ image: 'app:3' })
  expect((await container())?.env).toBeUndefined()
})
