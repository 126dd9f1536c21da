import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  appDeployment,
  deploymentWithoutHistory,
  replicaSet,
  replicaSetOfRevision3,
} from './article.ts'
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

const revision = 'deployment.kubernetes.io/revision'

interface ReplicaSetFacts {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly annotations: Readonly<Record<string, string>>
  }
  readonly spec: { readonly replicas: number }
}

/** The ReplicaSets in the order of their revisions. */
async function replicaSets(): Promise<ReplicaSetFacts[]> {
  const { items } = (await given.get('rs')) as { items: ReplicaSetFacts[] }
  const numberOf = ({ metadata }: ReplicaSetFacts) => Number(metadata.annotations[revision])
  return items.sort((a, b) => numberOf(a) - numberOf(b))
}

async function revisionsInHistory(name = 'app'): Promise<number[]> {
  const rows = await given.run(`rollout history deployment/${name}`)
  return [...rows.matchAll(/^(\d+) /gm)].map(([, number]) => Number(number))
}

describe('what is kept', () => {
  test('S-20, S-21: after the third version two ReplicaSets stand at 0', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    await given.setImage('1.1.0')
    await given.setImage('1.2.0')
    const kept = await replicaSets()
    expect(kept.map(({ metadata }) => metadata.annotations[revision])).toEqual(['1', '2', '3'])
    await eventually(async () => {
      expect((await replicaSets()).map(({ spec }) => spec.replicas)).toEqual([0, 0, 3])
    })
    await given.run('rollout undo deployment/app')
    await given.rolledOut()
    const uids = ({ metadata }: ReplicaSetFacts) => metadata.uid
    const after = await replicaSets()
    expect(after.map(uids)).toEqual([kept[0], kept[2], kept[1]].map((set) => set && uids(set)))
    await eventually(async () => {
      expect((await replicaSets()).map(({ spec }) => spec.replicas)).toEqual([0, 0, 3])
    })
  })

  test('S-22: by default the last ten, and the one that runs', async () => {
    await given.rollOut(appDeployment('1.0.0', { replicas: 1 }))
    expect((await given.get('deployment app')).spec.revisionHistoryLimit).toBe(10)
    for (let tag = 2; tag <= 13; tag += 1) await given.setImage(`1.${tag}.0`)
    await eventually(async () => {
      expect(await revisionsInHistory()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    })
    expect(await replicaSets()).toHaveLength(11)
  })

  test('S-23: revisionHistoryLimit changes that', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    await given.setImage('1.1.0')
    await given.setImage('1.2.0')
    await given.run(['patch', 'deployment', 'app', '-p', '{"spec":{"revisionHistoryLimit":1}}'])
    await eventually(async () => expect(await revisionsInHistory()).toEqual([2, 3]))
  })

  test('S-24: revisionHistoryLimit 0 keeps none, and the numbers go on', async () => {
    await given.file('deployment.yaml', deploymentWithoutHistory)
    expect(await given.run('apply -f deployment.yaml')).toBe(
      'deployment.apps/example-deployment created\n',
    )
    await given.rolledOut('deployment/example-deployment')
    await given.setImage('1.1.0', 'deployment/example-deployment')
    await given.setImage('1.2.0', 'deployment/example-deployment')
    await eventually(async () => expect(await replicaSets()).toHaveLength(1))
    expect(await given.run('rollout history deployment/example-deployment')).toBe(
      'deployment.apps/example-deployment \nREVISION  CHANGE-CAUSE\n3         <none>\n\n',
    )
    const undo = await given.kubectl('rollout undo deployment/example-deployment')
    expect(undo).toMatchObject({ code: 1, stdout: '' })
    expect(undo.stderr).toContain(
      'error: no rollout history found for deployment "example-deployment"\n',
    )
  })

  test('S-24: in the middle of a rollout there is a way back all the same (B-67)', async () => {
    await given.rollOut(appDeployment('1.0.0', { revisionHistoryLimit: 0 }))
    const stuck = { minReadySeconds: 86_000, progressDeadlineSeconds: 86_400 }
    const stdin = appDeployment('1.1.0', { revisionHistoryLimit: 0, ...stuck })
    await given.run('apply -f -', { stdin })
    await eventually(async () => expect(await revisionsInHistory()).toEqual([1, 2]))
    expect(await given.run('rollout undo deployment/app')).toBe('deployment.apps/app rolled back\n')
    await eventually(async () => {
      expect(await revisionsInHistory()).toContain(3)
      const images = await given.run(
        'get deployment app -o jsonpath={.spec.template.spec.containers[*].image}',
      )
      expect(images).toBe('learnk8s/app:1.0.0')
    })
  })
})

describe('history and undo, as the article types them', () => {
  test('S-25, S-26, S-35: history, and undo to a revision', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    await given.setImage('1.1.0')
    await given.setImage('1.2.0')
    for (const version of ['36', '33'] as const) {
      expect(await given.kubectl('rollout history deployment/app', { version })).toEqual({
        code: 0,
        stdout:
          'deployment.apps/app \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n3         <none>\n\n',
        stderr: '',
      })
    }
    expect(await given.run('rollout undo deployment/app --to-revision=2')).toBe(
      'deployment.apps/app rolled back\n',
    )
  })

  test('S-25: one revision in detail, with its tabs (G-23)', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    const [only] = await replicaSets()
    const hash = only?.metadata.name.replace('app-', '')
    expect(await given.run('rollout history deployment/app --revision=1')).toBe(
      `deployment.apps/app with revision #1
Pod Template:
  Labels:\tname=app
\tpod-template-hash=${hash}
  Containers:
   app:
    Image:\tlearnk8s/app:1.0.0
    Port:\t<none>
    Host Port:\t<none>
    Environment:\t<none>
    Mounts:\t<none>
  Volumes:\t<none>
  Node-Selectors:\t<none>
  Tolerations:\t<none>

`,
    )
    expect(await given.kubectl('rollout history deployment/app --revision=-1')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: revision must be a positive integer: -1\n',
    })
  })

  test.each(['36', '33'] as const)('V-03: a revision that is not there, 1.%s', async (version) => {
    await given.rollOut(appDeployment('1.0.0'))
    for (const output of ['', ' -o yaml', ' -o json']) {
      const command = `rollout history deployment/app --revision=7${output}`
      expect(await given.kubectl(command, { version })).toEqual({
        code: 1,
        stdout: '',
        stderr: 'error: unable to find the specified revision\n',
      })
    }
  })
})

describe('how the ReplicaSets are found', () => {
  test('S-27, S-28, S-29: named by a hash, pointing back to the Deployment', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    await given.setImage('1.1.0')
    const app = await given.get('deployment app')
    const sets = await replicaSets()
    for (const { metadata } of sets) {
      expect(metadata.name).toMatch(/^app-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
      const yaml = await given.run(`get replicaset ${metadata.name} -o yaml`)
      expect(yaml).toContain(`  ownerReferences:
  - apiVersion: apps/v1
    blockOwnerDeletion: true
    controller: true
    kind: Deployment
    name: app
    uid: ${app.metadata.uid}
`)
    }
    expect(await given.run('get deployment app -o yaml')).toContain(`${revision}: "2"\n`)
    const { status: _, ...withoutStatus } = app
    for (const { metadata } of sets) {
      expect(JSON.stringify(withoutStatus)).not.toContain(metadata.name)
    }
    const [old] = sets
    expect(JSON.stringify(app)).not.toContain(old?.metadata.name)
  })

  test('S-2A: equal templates decide, not the hash in a name (B-08, B-10)', async () => {
    const byHand = replicaSet
      .replace('name: example-replicaset', 'name: by-hand\n  labels: {name: app}')
      .replace('        image', '        imagePullPolicy: IfNotPresent\n        image')
    await given.run('create -f -', { stdin: byHand })
    await given.run('wait rs/by-hand --for=jsonpath={.status.readyReplicas}=3')
    await given.rollOut(appDeployment('1.0.0'))
    const [adopted, ...others] = await replicaSets()
    expect(others).toEqual([])
    expect(adopted).toMatchObject({
      metadata: { name: 'by-hand', annotations: { [revision]: '1' } },
      spec: { replicas: 3 },
    })
  })

  test('S-2A: the hash counts collisions too (B-14)', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    const [first] = await replicaSets()
    const name = first?.metadata.name
    await given.run('delete deployment app --cascade=foreground')
    const foreign = replicaSet
      .replaceAll('name: app\n', 'name: xyz\n')
      .replace('example-replicaset', `${name}`)
    await given.run('create -f -', { stdin: foreign })
    await given.rollOut(appDeployment('1.0.0'))
    expect((await given.get('deployment app')).status.collisionCount).toBe(1)
    const names = (await given.run('get rs -o name -l name=app')).trim().split('\n')
    expect(names).toHaveLength(1)
    expect(names).not.toContain(`replicaset.apps/${name}`)
  })

  test('S-2B, S-2C: applying a former manifest reuses its ReplicaSet, renumbered', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    const [first] = await replicaSets()
    await given.rollOut(appDeployment('1.1.0'))
    await given.rollOut(appDeployment('1.0.0'))
    const [second, third, ...others] = await replicaSets()
    expect(others).toEqual([])
    expect(second?.metadata.annotations[revision]).toBe('2')
    expect(third?.metadata).toMatchObject({ name: first?.metadata.name, uid: first?.metadata.uid })
    expect(third?.metadata.annotations).toEqual({
      [revision]: '3',
      'deployment.kubernetes.io/revision-history': '1',
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    })
  })
})

describe("the article's ReplicaSet with a revision", () => {
  test('S-2D: alone it is accepted as it is, and means nothing', async () => {
    await given.file('replicaset.yaml', replicaSetOfRevision3)
    expect(await given.run('create -f replicaset.yaml')).toBe(
      'replicaset.apps/example-replicaset created\n',
    )
    await given.rollOut(appDeployment('1.1.0'))
    expect(await revisionsInHistory()).toEqual([1])
    const { metadata } = await given.get('rs example-replicaset')
    expect(metadata.annotations).toEqual({ [revision]: '3' })
    expect(metadata.ownerReferences).toBeUndefined()
  })

  test('S-2D: adopted it counts: the next revision is 4', async () => {
    const labelled = replicaSetOfRevision3.replace('  annotations:', '  labels: {name: app}\n$&')
    await given.run('create -f -', { stdin: labelled })
    await given.rollOut(appDeployment('1.1.0'))
    expect(await revisionsInHistory()).toEqual([3, 4])
  })
})
