import { afterAll, beforeAll, expect, test } from 'vitest'
import { appDeployment } from './article.ts'
import { GivenEngine } from './given-engine.ts'
import { eventually, type GivenNamespace } from './given-namespace.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
  given = await engine.namespace()
})
afterAll(() => engine?.stop())

const created = 'kubectl create --filename=deployment.yaml --record=true'

/**
 * What `rollout history` prints; without a further --record every revision takes over the cause
 * (G-14).
 */
const history = (...revisions: readonly number[]) =>
  [
    'deployment.apps/app ',
    'REVISION  CHANGE-CAUSE',
    ...revisions.map((number) => `${number}         ${created}`),
    '\n',
  ].join('\n')

async function uidsByRevision(): Promise<ReadonlyMap<string, string>> {
  const key = 'deployment.kubernetes.io/revision'
  const { items } = await given.get('rs')
  return new Map(
    items.map(
      ({ metadata }: { metadata: { uid: string; annotations: Record<string, string> } }) => [
        metadata.annotations[key],
        metadata.uid,
      ],
    ),
  )
}

async function undo(args: string): Promise<string> {
  const output = await given.run(`rollout undo deployment/app ${args}`.trim())
  await given.rolledOut()
  return output
}

const readHistory = () => given.run('rollout history deployment/app')

test('S-47: the article from its first command to its last', async () => {
  await given.file('deployment.yaml', appDeployment('1.0.0'))
  const output = await given.run('create -f deployment.yaml --record')
  expect(output).toBe('deployment.apps/app created\n')
  await given.rolledOut()
  await given.setImage('1.1.0')
  await given.setImage('1.2.0')
  expect(await readHistory()).toBe(history(1, 2, 3))
  const three = await uidsByRevision()

  expect(await undo('--to-revision=2')).toBe('deployment.apps/app rolled back\n')
  expect(await readHistory()).toBe(history(1, 3, 4))
  expect((await uidsByRevision()).get('4')).toBe(three.get('2'))

  expect(await undo('')).toBe('deployment.apps/app rolled back\n')
  expect(await readHistory()).toBe(history(1, 4, 5))
  expect((await uidsByRevision()).get('5')).toBe(three.get('3'))

  const { generation } = (await given.get('deployment app')).metadata
  expect(await undo('--to-revision=5')).toBe(
    'deployment.apps/app skipped rollback (current template already matches revision 5)\n',
  )
  expect((await given.get('deployment app')).metadata.generation).toBe(generation)

  await given.run(['patch', 'deployment', 'app', '-p', '{"spec":{"revisionHistoryLimit":0}}'])
  await eventually(async () => expect(await readHistory()).toBe(history(5)))
  expect(await given.kubectl('rollout undo deployment/app')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: no rollout history found for deployment "app"\n',
  })
  await given.rolledOut()
  const image = 'jsonpath={.items[*].spec.containers[*].image}'
  await eventually(async () => {
    expect(await given.run(`get pods -o ${image}`)).toBe(
      Array(3).fill('learnk8s/app:1.2.0').join(' '),
    )
  })
})
