import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { foreignCluster } from './foreign-cluster.ts'
import { badManifest, eventually, GivenStory, manifestOf, settingsOf } from './given-story.ts'

let engine: GivenEngine
let story: GivenStory
beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine.stop())
beforeEach(async () => {
  story = await GivenStory.on(engine)
})
afterEach(() => story.end())

test('exit code 4: a kind without a name', async () => {
  expect((await story.astern('rollback deployment')).code).toBe(4)
  expect((await story.astern('redo deploy')).code).toBe(4)
})

test('no content of a Secret in what is printed, recorded or logged, be it kept', async () => {
  const home = await engine.record()
  const before = btoa('swordfish')
  await story.kubectl('create secret generic s --from-literal=password=swordfish')
  await story.kubectl('annotate secret s astern.dev/keep-secrets=true')
  const container =
    '          env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: password } } }]\n'
  const printed: string[] = []
  for (const version of [1, 2]) {
    const deployment = manifestOf(`app:${version}`, { container })
    const files = { 'app/deployment.yaml': deployment, 'app/config.yaml': settingsOf('x') }
    await story.commit(files, `Ship ${version}`)
    printed.push(await story.succeed('apply -f app'))
    await story.healthy()
    const body = '{"stringData":{"password":"marlin"}}'
    if (version === 1) await story.kubectl(['patch', 'secret', 's', '-p', body])
  }
  const { code, stdout, stderr } = await story.astern('rollback deployment/app --push -o yaml')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect((await story.get('secret/s')).data.password).toBe(before)
  printed.push(stdout, stderr)
  printed.push(await story.succeed('diff deployment/app r1 r2 -o json'))
  printed.push(await story.succeed('history deployment/app -o yaml'))
  printed.push(await story.kubectl('get configmaps,events,deployments,replicasets -o json'))
  printed.push(await story.repository.git('log', '-p', '--all'))
  const audit = await readFile(join(home, 'audit.log'), 'utf8')
  expect(audit).toContain(`/namespaces/${story.namespace.name}/secrets`)
  for (const text of [...printed, audit]) {
    for (const word of ['swordfish', before, 'marlin', btoa('marlin')]) {
      expect(text).not.toContain(word)
    }
  }
})

describe('exit codes 1, 2 and 3', () => {
  test.each([
    'rollback',
    'rollback deployment/app --bogus',
    'rollback deployment/app --push --cluster-first',
    'rollback deployment/app --to r1 --to-revision 1',
    'rollback job/app',
    'history deployment',
    'history ds',
    'history deployment/app -o xml',
    'drift deployment/app --adopt --restore',
    'diff deployment/app a b c',
    'redo deployment/app --to r1',
  ])('2: %s', async (command) => {
    const { code, stdout, stderr } = await story.astern(command)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--help')
  })

  test('1: no such Deployment, and a target that fails again', async () => {
    const { code, stderr } = await story.astern('rollback deployment/app')
    expect({ code, stderr }).toMatchObject({ code: 1 })
    expect(stderr).toContain('there is no deployment/app in the namespace')
    const config = settingsOf('x')
    await story.commit(
      { 'app/deployment.yaml': badManifest('app:1'), 'app/config.yaml': config },
      'Bad',
    )
    await story.succeed('apply -f app')
    await eventually(async () => expect((await story.story()).at(-1)).toBe('r1 apply failed app:1'))
    await story.deploy('app:2')
    const failed = await story.astern('rollback deployment/app --to r1 --push')
    expect(failed.code).toBe(1)
    expect(failed.stdout).toContain('FAILED')
  })

  test('3: still in progress when time is up', async () => {
    const slow = manifestOf('app:1', { spec: '  minReadySeconds: 60\n' })
    const files = { 'app/deployment.yaml': slow, 'app/config.yaml': settingsOf('x') }
    await story.commit(files, 'Slow')
    await story.succeed('apply -f app')
    await eventually(async () => expect(await story.story()).toHaveLength(1))
    await story.deploy('app:2')
    const command = 'rollback deployment/app --to r1 --push --timeout 2s'
    const { code, stdout } = await story.astern(command)
    expect({ code, stdout }).toMatchObject({ code: 3 })
    expect(stdout).toContain('not there yet')
  })
})

describe('which cluster', () => {
  test('off the embedded engine somebody is asked, or says --yes; nothing is written before', async () => {
    await story.deploy('app:1')
    await story.deploy('app:2')
    const foreign = await foreignCluster(`${story.namespace.dir}.kubeconfig`)
    const env = { HOME: story.namespace.dir, KUBECONFIG: foreign.kubeconfig }
    const said = await story.astern('rollback deployment/app --push', { env })
    expect(said.code).toBe(2)
    expect(said.stderr).toMatch(/^cluster \S+ \(http:.*namespace test-\d+\nerror: .*nobody to ask/)
    const asked = (stdin: string) =>
      story.astern('rollback deployment/app --push', { env, stdin, more: { canAsk: true } })
    expect(await asked('n\n')).toMatchObject({ code: 1 })
    expect(foreign.writes()).toBe(0)
    expect(await asked('y\n')).toMatchObject({ code: 0 })
    expect(await story.image()).toBe('app:1')
    await story.succeed('redo deployment/app --push --yes', { env })
    expect(await story.image()).toBe('app:2')
    foreign.close()
  })

  test('record: of one workload once; beside another cluster until the user leaves', async () => {
    await story.deploy('app:1')
    expect(await story.succeed('record deployment/app')).toBe('deployment/app r1 healthy\n')
    const engineSays = await story.astern('record')
    expect(engineSays.stderr).toContain('keeps the records by itself')
    const foreign = await foreignCluster(`${story.namespace.dir}.kubeconfig`)
    const env = { HOME: story.namespace.dir, KUBECONFIG: foreign.kubeconfig }
    const leaving = new AbortController()
    const recording = story.astern('record --yes', { env, more: { signal: leaving.signal } })
    await story.namespace.run('set image deployment/app app=app:hand')
    await eventually(async () =>
      expect((await story.story()).at(-1)).toBe('r2 edit healthy app:hand'),
    )
    leaving.abort()
    const { code, stderr } = await recording
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const kinds = 'Deployments, StatefulSets and DaemonSets'
    expect(stderr).toContain(`recording the releases of ${kinds} in the namespace`)
    foreign.close()
  })
})
