import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { appDeployment, deploymentWithMisplacedCause } from './article.ts'
import { GivenEngine } from './given-engine.ts'
import type { GivenNamespace } from './given-namespace.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine?.stop())
beforeEach(async () => {
  given = await engine.namespace()
  await given.file('deployment.yaml', appDeployment('1.0.0'))
})

/** G-11. */
const deprecated = 'Flag --record has been deprecated, --record will be removed in the future\n'
const created = 'kubectl create --filename=deployment.yaml --record=true'

const causeOf = String.raw`jsonpath={.metadata.annotations.kubernetes\.io/change-cause}`

const history = (...causes: readonly string[]) =>
  [
    'deployment.apps/app ',
    'REVISION  CHANGE-CAUSE',
    ...causes.map((cause, index) => `${index + 1}         ${cause}`),
    '\n',
  ].join('\n')

describe('the column CHANGE-CAUSE', () => {
  test('S-35: is <none> by default', async () => {
    await given.run('create -f deployment.yaml')
    await given.rolledOut()
    await given.setImage('1.1.0')
    await given.setImage('1.2.0')
    expect(await given.run('rollout history deployment/app')).toBe(
      history('<none>', '<none>', '<none>'),
    )
  })

  test.each(['36', '33'] as const)('S-36, S-38: create --record, 1.%s', async (version) => {
    expect(await given.kubectl('create -f deployment.yaml --record', { version })).toEqual({
      code: 0,
      stdout: 'deployment.apps/app created\n',
      stderr: deprecated,
    })
    await given.rolledOut()
    expect(await given.run(`get deployment app -o ${causeOf}`)).toBe(created)
    expect(await given.kubectl('rollout history app', { version })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: the server doesn\'t have a resource type "app"\n',
    })
    expect(await given.run('rollout history deployment/app', { version })).toBe(history(created))
  })

  test('S-39: apply --record adds a row and leaves the first', async () => {
    await given.run('create -f deployment.yaml --record')
    await given.rolledOut()
    await given.file('deployment.yaml', appDeployment('1.1.0'))
    const applied = await given.kubectl('apply -f deployment.yaml --record')
    expect(applied).toMatchObject({ code: 0, stdout: 'deployment.apps/app configured\n' })
    expect(applied.stderr).toContain(deprecated)
    expect(applied.stderr).toContain(
      'Warning: resource deployments/app is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply.',
    )
    await given.rolledOut()
    expect(await given.run('rollout history deployment/app')).toBe(
      history(created, 'kubectl apply --filename=deployment.yaml --record=true'),
    )
  })

  test('S-3B: the annotation can be changed at any time: the current row follows', async () => {
    await given.run('create -f deployment.yaml --record')
    await given.rolledOut()
    await given.setImage('1.1.0')
    const annotate = ['annotate', 'deploy/app', 'kubernetes.io/change-cause=a better reason']
    expect(await given.run([...annotate, '--overwrite'])).toBe('deployment.apps/app annotated\n')
    await expect
      .poll(() => given.run('rollout history deployment/app'))
      .toBe(history(created, 'a better reason'))
  })

  test('S-3C: only the last command is kept', async () => {
    await given.run('create -f deployment.yaml --record')
    await given.rolledOut()
    expect(await given.kubectl('scale --replicas=10 deploy/app --record')).toEqual({
      code: 0,
      stdout: 'deployment.apps/app scaled\n',
      stderr: deprecated,
    })
    await given.rolledOut()
    const scaled = 'kubectl scale deploy/app --replicas=10 --record=true'
    expect(await given.run(`get deployment app -o ${causeOf}`)).toBe(scaled)
    await expect.poll(() => given.run('rollout history deployment/app')).toBe(history(scaled))
  })
})

describe("the article's manifest with the annotation in the wrong place", () => {
  beforeEach(() => given.file('deployment.yaml', deploymentWithMisplacedCause))

  test('S-37: is refused', async () => {
    expect(await given.kubectl('create -f deployment.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error from server (BadRequest): error when creating "deployment.yaml": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "metadata.kubernetes.io/change-cause"\n',
    })
    expect((await given.get('deployments')).items).toEqual([])
  })

  test.each([
    ['warn', 'Warning: unknown field "metadata.kubernetes.io/change-cause"\n'],
    ['ignore', ''],
  ])('S-37: with --validate=%s it is created without it', async (validate, stderr) => {
    expect(await given.kubectl(`create -f deployment.yaml --validate=${validate}`)).toEqual({
      code: 0,
      stdout: 'deployment.apps/example-deployment created\n',
      stderr,
    })
    const yaml = await given.run('get deployment example-deployment -o yaml')
    expect(yaml).not.toContain('change-cause')
  })
})

describe('where --record is to be had', () => {
  test.each([
    ['label', 'label configmap settings a=b --record', 'labeled'],
    ['annotate', 'annotate configmap settings a=b --record', 'annotated'],
    ['patch', 'patch configmap settings -p {"data":{"a":"b"}} --record', 'patched'],
  ])('S-3A: kubectl %s of any resource', async (_, command, done) => {
    await given.run('create configmap settings')
    expect(await given.kubectl(command)).toEqual({
      code: 0,
      stdout: `configmap/settings ${done}\n`,
      stderr: deprecated,
    })
    expect(await given.run(`get configmap settings -o ${causeOf}`)).toContain('--record=true')
  })

  test('S-3A: on these commands and on no other', async () => {
    const withRecord = [
      ...['create', 'apply', 'patch', 'edit', 'scale', 'annotate', 'label', 'run', 'expose'],
      ...['autoscale', 'set image', 'set resources', 'set selector', 'set serviceaccount'],
    ]
    const without = [
      ...['get', 'delete', 'describe', 'logs', 'replace', 'set env'],
      ...['rollout history', 'rollout undo'],
      ...['rollout status', 'rollout pause', 'rollout resume', 'rollout restart'],
    ]
    const answers = async (commands: readonly string[]) =>
      Promise.all(
        commands.map(async (command) => {
          const { code, stderr } = await given.kubectl(`${command} --record --help`)
          return `${command}: ${code} ${stderr.split('\n')[0]}`
        }),
      )
    expect(await answers(withRecord)).toEqual(
      withRecord.map((command) => `${command}: 0 ${deprecated.trim()}`),
    )
    expect(await answers(without)).toEqual(
      without.map((command) => `${command}: 1 error: unknown flag: --record`),
    )
  })
})
