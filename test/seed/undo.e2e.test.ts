import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { appDeployment } from './article.ts'
import { GivenEngine } from './given-engine.ts'
import { eventually, type GivenNamespace } from './given-namespace.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine?.stop())
beforeEach(async () => {
  given = await engine.namespace()
})

const imageOf = 'jsonpath={.spec.template.spec.containers[0].image}'
const revisionOf = String.raw`jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}`

/** Three versions, each rolled out after the other; made by `create`, so no apply is involved. */
async function threeRevisions(): Promise<void> {
  await given.run('create -f -', { stdin: appDeployment('1.0.0') })
  await given.rolledOut()
  await given.setImage('1.1.0')
  await given.setImage('1.2.0')
}

async function replicaSetOf(image: string): Promise<string> {
  const path = `{.items[?(@.spec.template.spec.containers[0].image=="${image}")].metadata.name}`
  return given.run(['get', 'rs', '-o', `jsonpath=${path}`])
}

interface Scaling {
  readonly message: string
  readonly count: number
  readonly source: { readonly component: string }
  readonly metadata: { readonly resourceVersion: string }
}

/** What the Deployment did, in order; what it did twice stands where it was last. */
async function scalings(): Promise<Scaling[]> {
  const { items } = await given.get('events --field-selector reason=ScalingReplicaSet')
  const order = ({ metadata }: Scaling) => Number(metadata.resourceVersion)
  return items.sort((a: Scaling, b: Scaling) => order(a) - order(b))
}

const countOf = (events: readonly Scaling[]) => events.reduce((sum, { count }) => sum + count, 0)

const history = (...revisions: readonly number[]) =>
  [
    'deployment.apps/app ',
    'REVISION  CHANGE-CAUSE',
    ...revisions.map((number) => `${number}         <none>`),
    '\n',
  ].join('\n')

describe('the way back', () => {
  test('S-01: rollback is built in', async () => {
    await threeRevisions()
    expect(await given.kubectl('rollout undo deployment/app')).toEqual({
      code: 0,
      stdout: 'deployment.apps/app rolled back\n',
      stderr: '',
    })
    await given.rolledOut()
    expect(await given.run(`get deployment app -o ${imageOf}`)).toBe('learnk8s/app:1.1.0')
  })

  test.each([
    ['rollout undo deployment/app', 'error: no rollout history found for deployment "app"\n'],
    [
      'rollout undo deployment/app --to-revision=9',
      'error: unable to find specified revision 9 in history\n',
    ],
    [
      'rollout undo deployment/app --to-revision=-1',
      'error: unable to find specified revision -1 in history\n',
    ],
    ['rollout undo', 'error: required resource not specified\n'],
    [
      'rollout undo deployment/nothing',
      'Error from server (NotFound): deployments.apps "nothing" not found\n',
    ],
  ])('S-01: what cannot be: kubectl %s (B-81, B-82)', async (command, stderr) => {
    await given.run('create -f -', { stdin: appDeployment('1.0.0') })
    await given.rolledOut()
    expect(await given.kubectl(command)).toEqual({ code: 1, stdout: '', stderr })
  })

  test('S-01: a paused Deployment must be resumed first (B-83)', async () => {
    await threeRevisions()
    expect(await given.run('rollout pause deployment/app')).toBe('deployment.apps/app paused\n')
    expect(await given.kubectl('rollout undo deployment/app')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again\n",
    })
    expect(await given.run('rollout resume deployment/app')).toBe('deployment.apps/app resumed\n')
    expect(await given.run('rollout undo deployment/app')).toBe('deployment.apps/app rolled back\n')
  })
})

describe('the four steps of an undo', () => {
  test('S-30: only the ReplicaSets of this Deployment count', async () => {
    await threeRevisions()
    const other = appDeployment('9.0.0').replace('  name: app\n', '  name: other\n')
    await given.run('create -f -', { stdin: other })
    await given.rolledOut('deployment/other')
    expect(await given.run('rollout history deployment/app')).toBe(history(1, 2, 3))
    expect(await given.run('rollout history deployment/other')).toContain('\n1         <none>\n\n')
    expect((await given.kubectl('rollout undo deployment/other')).stderr).toBe(
      'error: no rollout history found for deployment "other"\n',
    )
  })

  test('S-31: it takes the template of the revision, and nothing else (B-80, B-86)', async () => {
    await threeRevisions()
    await given.run('scale deployment/app --replicas=2')
    await given.rolledOut()
    const before = await given.get('deployment app')
    await given.run('rollout undo deployment/app --to-revision=1')
    const after = await given.get('deployment app')
    expect(after.spec.template.spec.containers[0].image).toBe('learnk8s/app:1.0.0')
    expect({ ...after.spec, template: undefined }).toEqual({ ...before.spec, template: undefined })
    expect(after.metadata.generation).toBe(before.metadata.generation + 1)
    expect(after.spec.template.metadata.labels).toEqual({ name: 'app' })
  })

  test('S-32: the controller rolls back step by step; kubectl scales nothing', async () => {
    await threeRevisions()
    const target = await replicaSetOf('learnk8s/app:1.1.0')
    const former = await replicaSetOf('learnk8s/app:1.2.0')
    await eventually(async () => expect(countOf(await scalings())).toBe(13))
    await given.run('rollout undo deployment/app --to-revision=2')
    await given.rolledOut()
    const after = await eventually(async () => {
      const events = await scalings()
      expect(countOf(events)).toBe(13 + 6)
      return events.slice(-6)
    })
    expect(after.map(({ message }) => message)).toEqual([
      `Scaled up replica set ${target} from 0 to 1`,
      `Scaled down replica set ${former} from 3 to 2`,
      `Scaled up replica set ${target} from 1 to 2`,
      `Scaled down replica set ${former} from 2 to 1`,
      `Scaled up replica set ${target} from 2 to 3`,
      `Scaled down replica set ${former} from 1 to 0`,
    ])
    const sources = after.map(({ source }) => source.component)
    expect(new Set(sources)).toEqual(new Set(['deployment-controller']))
  })

  test('S-33, S-34: 1, 2, 3 becomes 1, 3, 4', async () => {
    await threeRevisions()
    const before = (await given.get('rs')).items
    const numberOf = ({ metadata }: { metadata: { annotations: Record<string, string> } }) =>
      metadata.annotations['deployment.kubernetes.io/revision']
    const byRevision = (items: typeof before, number: string) =>
      items.find((item: (typeof items)[number]) => numberOf(item) === number)
    await given.run('rollout undo deployment/app --to-revision=2')
    await given.rolledOut()
    expect(await given.run('rollout history deployment/app')).toBe(history(1, 3, 4))
    const after = (await given.get('rs')).items
    expect(byRevision(after, '4').metadata.uid).toBe(byRevision(before, '2').metadata.uid)
    expect(byRevision(after, '3').metadata.uid).toBe(byRevision(before, '3').metadata.uid)
    expect(byRevision(after, '4').metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision-history': '2',
    })
    expect(await given.run(`get deployment app -o ${revisionOf}`)).toBe('4')
    expect(await given.kubectl('rollout undo deployment/app --to-revision=2')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: unable to find specified revision 2 in history\n',
    })
  })
})

/** From kubectl 1.36 on (V-04). */
const applyWarning =
  "Warning: resource deployments/app was previously managed with 'kubectl apply'. Rolling back will not update the kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n"

describe('undo and the files in version control', () => {
  beforeEach(async () => {
    await given.file('old.yaml', appDeployment('1.0.0'))
    await given.file('new.yaml', appDeployment('1.1.0'))
    for (const name of ['old', 'new']) {
      await given.run(`apply -f ${name}.yaml`)
      await given.rolledOut()
    }
  })

  test.each([
    ['36', applyWarning],
    ['33', ''],
  ] as const)('V-04: whether kubectl 1.%s warns of it', async (version, stderr) => {
    expect(await given.kubectl('rollout undo deployment/app', { version })).toEqual({
      code: 0,
      stdout: 'deployment.apps/app rolled back\n',
      stderr,
    })
  })

  test('S-40: after an undo they differ, and the next apply rolls forward again', async () => {
    await given.run('rollout undo deployment/app')
    await given.rolledOut()
    const lastApplied = String.raw`jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}`
    expect(await given.run(`get deployment app -o ${lastApplied}`)).toContain('learnk8s/app:1.1.0')
    const diff = await given.kubectl('diff -f new.yaml')
    expect(diff.code).toBe(1)
    expect(diff.stdout).toMatch(/^-.*learnk8s\/app:1\.0\.0\n\+.*learnk8s\/app:1\.1\.0$/m)
    expect(await given.run('apply -f new.yaml')).toBe('deployment.apps/app configured\n')
    await given.rolledOut()
    expect(await given.run(`get deployment app -o ${imageOf}`)).toBe('learnk8s/app:1.1.0')
    expect(await given.run('rollout history deployment/app')).toBe(history(3, 4))
  })

  test('S-41, S-42: applying the former file instead leaves nothing behind', async () => {
    const uidOfRevision1 = async (number: string) =>
      (await given.get('rs')).items.find(
        ({ metadata }: { metadata: { annotations: Record<string, string> } }) =>
          metadata.annotations['deployment.kubernetes.io/revision'] === number,
      )?.metadata.uid
    const uid = await uidOfRevision1('1')
    expect(await given.run('apply -f old.yaml')).toBe('deployment.apps/app configured\n')
    await given.rolledOut()
    expect(await uidOfRevision1('3')).toBe(uid)
    expect(await given.run('rollout history deployment/app')).toBe(history(2, 3))
    expect(await given.kubectl('diff -f old.yaml')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await given.run('apply -f old.yaml')).toBe('deployment.apps/app unchanged\n')
  })
})
