import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { appDeployment, deployment, misindentedDeployment, replicaSet } from './article.ts'
import { GivenEngine } from './given-engine.ts'
import { eventually, type GivenNamespace, type Printed } from './given-namespace.ts'

/** Nothing that is not ready for a whole day becomes available: a rollout stays where it is. */
const stuck = { minReadySeconds: 86_000, progressDeadlineSeconds: 86_400 }

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine?.stop())
beforeEach(async () => {
  given = await engine.namespace()
})

/** The pods that run, in order of name. */
async function runningPods(count: number): Promise<Printed[]> {
  return eventually(async () => {
    const { items } = await given.get('pods')
    expect(items.map(({ status }: { status: { phase: string } }) => status.phase)).toEqual(
      Array(count).fill('Running'),
    )
    return items
  })
}

const namesOf = (items: readonly { metadata: { name: string } }[]) =>
  items.map(({ metadata }) => metadata.name)

describe('counting pods', () => {
  test('S-09: asked for 5 and having 4, one is created', async () => {
    await given.run('create -f -', { stdin: replicaSet.replace('replicas: 3', 'replicas: 5') })
    const [first, ...others] = namesOf(await runningPods(5))
    await given.run(`delete pod ${first}`)
    const after = namesOf(await runningPods(5))
    expect(after).toEqual(expect.arrayContaining(others))
    expect(after).not.toContain(first)
    const [added] = after.filter((name) => !others.includes(name))
    await eventually(async () => {
      const events = await given.run('get events --field-selector reason=SuccessfulCreate')
      expect(events).toContain(`Created pod: ${added}`)
    })
  })

  test('S-10: asked for 4 and having 5, one is deleted', async () => {
    await given.run('create -f -', { stdin: replicaSet.replace('replicas: 3', 'replicas: 5') })
    const before = namesOf(await runningPods(5))
    expect(await given.run('scale rs/example-replicaset --replicas=4')).toBe(
      'replicaset.apps/example-replicaset scaled\n',
    )
    const after = namesOf(await runningPods(4))
    expect(before).toEqual(expect.arrayContaining(after))
    const [deleted] = before.filter((name) => !after.includes(name))
    await eventually(async () => {
      const events = await given.run('get events --field-selector reason=SuccessfulDelete')
      expect(events).toContain(`Deleted pod: ${deleted}`)
    })
  })

  test('S-10: a fifth pod that comes from elsewhere is counted, and one too many', async () => {
    await given.run('create -f -', { stdin: replicaSet.replace('replicas: 3', 'replicas: 4') })
    const before = namesOf(await runningPods(4))
    await given.run('run stray --image=learnk8s/app:1.0.0 --labels=name=app')
    await eventually(async () => {
      const events = await given.run('get events --field-selector reason=SuccessfulDelete')
      expect(events).toMatch(/Deleted pod: /)
    })
    const after = namesOf(await runningPods(4))
    expect([...before, 'stray']).toEqual(expect.arrayContaining(after))
  })

  test('S-11: pods are owned by the ReplicaSet, and that by the Deployment', async () => {
    await given.rollOut(appDeployment())
    const app = await given.get('deployment app')
    const { items: replicaSets } = await given.get('rs')
    expect(replicaSets).toHaveLength(1)
    const owner = (kind: string, { metadata }: typeof app) => [
      {
        apiVersion: 'apps/v1',
        kind,
        name: metadata.name,
        uid: metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]
    expect(replicaSets[0].metadata.ownerReferences).toEqual(owner('Deployment', app))
    const pods = await runningPods(3)
    for (const { metadata } of pods) {
      expect(metadata.ownerReferences).toEqual(owner('ReplicaSet', replicaSets[0]))
    }
  })
})

describe('what the Deployment hands on', () => {
  test('S-12: every Deployment creates a ReplicaSet, marked with the hash (B-12)', async () => {
    await given.rollOut(appDeployment())
    const [created] = (await given.get('rs')).items
    const hash = created.metadata.name.replace('app-', '')
    const labels = { name: 'app', 'pod-template-hash': hash }
    expect(created.metadata.labels).toEqual(labels)
    expect(created.spec.selector).toEqual({ matchLabels: labels })
    expect(created.spec.template.metadata.labels).toEqual(labels)
    const [pod] = await runningPods(3)
    expect(pod.metadata.labels).toEqual(labels)
    expect(pod.metadata.name).toMatch(new RegExp(`^app-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`))
  })

  test('S-13: template, selector and minReadySeconds, and replicas step by step', async () => {
    const more = { minReadySeconds: 1, revisionHistoryLimit: 5, progressDeadlineSeconds: 60 }
    await given.rollOut(appDeployment('1.0.0', more))
    const [first] = (await given.get('rs')).items
    expect(Object.keys(first.spec).sort()).toEqual([
      'minReadySeconds',
      'replicas',
      'selector',
      'template',
    ])
    expect(first.spec).toMatchObject({ minReadySeconds: 1, replicas: 3 })
    await given.run('apply -f -', { stdin: appDeployment('1.1.0', stuck) })
    await eventually(async () => {
      const sizes = (await given.get('rs')).items.map(
        ({ spec }: { spec: { replicas: number } }) => spec.replicas,
      )
      expect(sizes.sort()).toEqual([1, 3])
    })
  })
})

describe('one ReplicaSet, one kind of pod', () => {
  test('S-14: a new template makes a second ReplicaSet; neither holds two images', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    await given.run('apply -f -', { stdin: appDeployment('1.1.0', stuck) })
    const pods = await runningPods(4)
    const imagesByOwner = new Map<string, Set<string>>()
    for (const { metadata, spec } of pods) {
      const owner = metadata.ownerReferences[0].name
      const images = imagesByOwner.get(owner) ?? new Set()
      imagesByOwner.set(owner, images.add(spec.containers[0].image))
    }
    const images = [...imagesByOwner.values()].map((set) => [...set])
    expect(images.sort()).toEqual([['learnk8s/app:1.0.0'], ['learnk8s/app:1.1.0']])
  })

  test("S-14: editing a ReplicaSet's template by hand leaves its old pods (C-0C)", async () => {
    await given.run('create -f -', { stdin: replicaSet })
    const before = namesOf(await runningPods(3))
    await given.run('set image rs/example-replicaset app=learnk8s/app:1.1.0')
    await given.run(`delete pod ${before[0]}`)
    const images = (await runningPods(3)).map(
      ({ spec }: { spec: { containers: { image: string }[] } }) => spec.containers[0]?.image,
    )
    expect(images.sort()).toEqual([
      'learnk8s/app:1.0.0',
      'learnk8s/app:1.0.0',
      'learnk8s/app:1.1.0',
    ])
  })

  test('S-15, S-16: the new one grows, the old one shrinks and stays, at 0', async () => {
    await given.rollOut(appDeployment('1.0.0'))
    const [old] = (await given.get('rs')).items
    const watch = await given.watch('rs')
    await given.setImage('1.1.0')
    await eventually(() => {
      const last = watch.events.findLast(({ object }) => object.metadata.uid === old.metadata.uid)
      expect(last?.object.spec.replicas).toBe(0)
    })
    const steps: string[] = []
    const sizes = { old: 3, new: 0 }
    for (const { object } of await watch.stop()) {
      sizes[object.metadata.uid === old.metadata.uid ? 'old' : 'new'] = object.spec.replicas
      const step = `${sizes.new}+${sizes.old}`
      if (steps.at(-1) !== step) steps.push(step)
    }
    expect(steps).toEqual(['0+3', '1+3', '1+2', '2+2', '2+1', '3+1', '3+0'])
    const kept = await given.get(`rs ${old.metadata.name}`)
    expect(kept.metadata.uid).toBe(old.metadata.uid)
    expect(kept.spec.replicas).toBe(0)
  })
})

describe('a ReplicaSet without a Deployment', () => {
  test('S-17, S-18: kubectl create -f replicaset.yaml', async () => {
    await given.file('replicaset.yaml', replicaSet)
    const created = await given.kubectl('create -f replicaset.yaml')
    expect(created).toEqual({
      code: 0,
      stdout: 'replicaset.apps/example-replicaset created\n',
      stderr: '',
    })
    for (const { metadata } of await runningPods(3)) {
      expect(metadata.name).toMatch(/^example-replicaset-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
      expect(metadata.labels).toEqual({ name: 'app' })
    }
    const { metadata } = await given.get('rs example-replicaset')
    expect(metadata.annotations).toBeUndefined()
    expect(metadata.labels).toBeUndefined()
    expect(await given.kubectl('create -f replicaset.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error from server (AlreadyExists): error when creating "replicaset.yaml": replicasets.apps "example-replicaset" already exists\n',
    })
  })

  test.each([
    ['36', (): string => ` from ${given.name} namespace`],
    ['33', (): string => ''],
  ] as const)('V-02: what kubectl 1.%s says when it deletes it', async (version, from) => {
    await given.run('create -f -', { stdin: replicaSet })
    expect(await given.run('delete rs example-replicaset', { version })).toBe(
      `replicaset.apps "example-replicaset" deleted${from()}\n`,
    )
    await runningPods(0)
  })

  test('S-1B: it has no strategy', async () => {
    const stdin = replicaSet.replace('  replicas: 3\n', '  replicas: 3\n  strategy: {}\n')
    await given.file('replicaset.yaml', stdin)
    expect(await given.kubectl('create -f replicaset.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error from server (BadRequest): error when creating "replicaset.yaml": ReplicaSet in version "v1" cannot be handled as a ReplicaSet: strict decoding error: unknown field "spec.strategy"\n',
    })
    expect((await given.get('rs')).items).toEqual([])
  })

  test("S-1C: a Deployment's spec is a ReplicaSet's and more", async () => {
    const fields = async (what: string) =>
      [...(await given.run(`explain ${what}`)).matchAll(/^ {2}(\w+)\t</gm)].map(([, name]) => name)
    const ofReplicaSet = await fields('replicaset.spec')
    expect(ofReplicaSet).toEqual(['minReadySeconds', 'replicas', 'selector', 'template'])
    const ofStrategy = await fields('deployment.spec.strategy.rollingUpdate')
    expect(ofStrategy).toEqual(['maxSurge', 'maxUnavailable'])
    expect(await fields('deployment.spec')).toEqual(
      [
        ...ofReplicaSet,
        'paused',
        'progressDeadlineSeconds',
        'revisionHistoryLimit',
        'strategy',
      ].sort(),
    )
  })

  test('S-1D: it cannot be rolled back', async () => {
    await given.run('create -f -', { stdin: replicaSet })
    expect(await given.kubectl('rollout undo rs/example-replicaset')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: no rollbacker has been implemented for "ReplicaSet.apps"\n',
    })
  })
})

describe("the article's first Deployment", () => {
  // The server's text, whichever kubectl prints it: Astern answers as 1.35 (V-01).
  test.each(['36', '33'] as const)('S-19: its mistake, through 1.%s', async (version) => {
    await given.file('deployment.yaml', misindentedDeployment)
    expect(await given.kubectl('create -f deployment.yaml', { version })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'The Deployment "example-deployment" is invalid: spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`\n',
    })
    expect((await given.get('deployments,rs,pods')).items).toEqual([])
  })

  test('S-19: exactly one cause; corrected, it is created', async () => {
    const stdin = misindentedDeployment
    const path = `/apis/apps/v1/namespaces/${given.name}/deployments`
    const refused = await engine.api('POST', path, stdin, 'application/yaml')
    expect(refused).toMatchObject({ status: 422, body: { reason: 'Invalid', code: 422 } })
    expect(refused.body.details).toEqual({
      name: 'example-deployment',
      group: 'apps',
      kind: 'Deployment',
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: null: `selector` does not match template `labels`',
          field: 'spec.template.metadata.labels',
        },
      ],
    })
    await given.file('deployment.yaml', deployment)
    expect(await given.run('create -f deployment.yaml')).toBe(
      'deployment.apps/example-deployment created\n',
    )
  })

  test('S-1A: it does not take over the ReplicaSet of the same look (B-07)', async () => {
    await given.run('create -f -', { stdin: replicaSet })
    await runningPods(3)
    await given.rollOut(deployment, 'deployment/example-deployment')
    const pods = await runningPods(6)
    const owners = (await given.get('rs')).items.map(
      ({ metadata }: { metadata: { ownerReferences?: { kind: string }[] } }) =>
        metadata.ownerReferences?.[0]?.kind,
    )
    expect(owners).toEqual(['Deployment', undefined])
    const [own] = (await given.get('rs -l pod-template-hash')).items
    expect(own.metadata.name).toMatch(/^example-deployment-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
    await given.run('expose rs/example-replicaset --name=app --port=80 --target-port=8080')
    const podAddresses = pods.map(({ status }: { status: { podIP: string } }) => status.podIP)
    await eventually(async () => {
      const slices = (await given.get('endpointslices')).items
      const addresses = slices.flatMap(({ endpoints }: { endpoints?: { addresses: string[] }[] }) =>
        (endpoints ?? []).flatMap((endpoint) => endpoint.addresses),
      )
      expect(addresses.sort()).toEqual(podAddresses.sort())
    })
  })
})
