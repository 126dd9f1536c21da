import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SteadyLoad, type Tally } from '../traffic/steady-load.ts'
import { appDeployment, deployment } from './article.ts'
import { GivenEngine } from './given-engine.ts'
import {
  eventually,
  type GivenNamespace,
  type Printed,
  type WatchEvent,
} from './given-namespace.ts'
import { probes, sampleProgram } from './sample-program.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('process')
  await engine.addImage('learnk8s/app:1.0.0', sampleProgram('1.0.0'))
  await engine.addImage('learnk8s/app:1.1.0', sampleProgram('1.1.0'))
  await engine.addImage('learnk8s/app:1.2.0', sampleProgram('1.2.0', 500))
})
afterAll(() => engine?.stop())

/** The manifest with the container's probes, and with `GATES` if there are any. */
function probed(manifest: string, gates?: string): string {
  const env = gates === undefined ? {} : { env: [{ name: 'GATES', value: gates }] }
  const fields = Object.entries({ ...probes, ...env })
  const lines = fields.map(([name, value]) => `        ${name}: ${JSON.stringify(value)}\n`)
  return manifest + lines.join('')
}

/** Where port 80 must not be bound, only the Service's node port can be asked. */
function mayBindPort80(): boolean {
  const lowest = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')
  return process.getuid?.() === 0 || Number(lowest) <= 80
}

/** Exposes the Deployment as the issue says; resolves with where its Service is to be reached. */
async function expose(what = 'deployment/app') {
  const command = `expose ${what} --port 80 --target-port 8080 --type NodePort --name app`
  expect(await given.run(command)).toBe('service/app exposed\n')
  const { clusterIP, ports } = (await given.get('service app')).spec
  const address = mayBindPort80()
    ? { host: clusterIP, port: 80, url: `http://${clusterIP}` }
    : { host: '127.0.0.1', port: ports[0].nodePort, url: `http://127.0.0.1:${ports[0].nodePort}` }
  // A Service that is new takes a moment to reach the proxy.
  await eventually(async () => expect((await fetch(address.url)).status).toBe(200))
  return address
}

const imageOf = ({ object }: WatchEvent) => object.spec.containers[0].image
const isTerminating = ({ object }: WatchEvent) => object.metadata.deletionTimestamp !== undefined
const isReady = ({ object }: WatchEvent) =>
  object.status.conditions?.some(
    ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
  ) === true

/** The pods after each event of a watch, deleted ones left out. */
function momentsOf(events: readonly WatchEvent[]): (readonly WatchEvent[])[] {
  const pods = new Map<string, WatchEvent>()
  return events.map((event) => {
    if (event.type === 'DELETED') pods.delete(event.object.metadata.uid)
    else pods.set(event.object.metadata.uid, event)
    return [...pods.values()]
  })
}

/** What the Deployment said of its seven steps, without names. */
async function sizesOfReplicaSets(): Promise<string[]> {
  const { items } = await given.get('events --field-selector reason=ScalingReplicaSet')
  expect(items).toHaveLength(7)
  const order = ({ metadata }: Printed) => Number(metadata.resourceVersion)
  return items
    .sort((a: Printed, b: Printed) => order(a) - order(b))
    .map(({ message }: Printed) => message.replace(/app-\w+ /, ''))
}

describe('slides 1 to 16: 1.0.0 becomes 1.1.0 behind a Service', () => {
  let pods: readonly WatchEvent[]
  let slices: readonly WatchEvent[]
  let tally: Tally
  let sizes: readonly string[]

  beforeAll(async () => {
    given = await engine.namespace()
    await given.rollOut(probed(appDeployment('1.0.0')))
    const load = new SteadyLoad(await expose(), 8)
    await eventually(() => expect(load.takeBodies()).toContain('1.0.0'))
    const watches = await Promise.all(['pods', 'endpointslices'].map((what) => given.watch(what)))
    await given.setImage('1.1.0')
    load.takeBodies()
    await eventually(async () => {
      expect([...load.takeBodies()]).toEqual(['1.1.0'])
      expect((await given.get('pods')).items).toHaveLength(3)
    })
    await eventually(() => expect(load.requests).toBeGreaterThan(1_000))
    tally = await load.stop()
    ;[pods = [], slices = []] = await Promise.all(watches.map((watch) => watch.stop()))
    sizes = await eventually(sizesOfReplicaSets)
  })

  test('S-03, S-04: one new pod, one old pod less, three times', () => {
    expect(sizes).toEqual([
      'Scaled up replica set from 0 to 3',
      'Scaled up replica set from 0 to 1',
      'Scaled down replica set from 3 to 2',
      'Scaled up replica set from 1 to 2',
      'Scaled down replica set from 2 to 1',
      'Scaled up replica set from 2 to 3',
      'Scaled down replica set from 1 to 0',
    ])
  })

  test('S-04: never fewer than 3 ready, never more than 4 that are not ending', () => {
    const moments = momentsOf(pods).slice(2)
    expect(moments.length).toBeGreaterThan(12)
    for (const moment of moments) {
      const staying = moment.filter((pod) => !isTerminating(pod))
      expect(staying.filter(isReady).length).toBeGreaterThanOrEqual(3)
      expect(staying.length).toBeLessThanOrEqual(4)
    }
  })

  test('S-04: an old pod goes only when a new one is ready', () => {
    for (const moment of momentsOf(pods).slice(2)) {
      const old = moment.filter((pod) => imageOf(pod).endsWith('1.0.0') && !isTerminating(pod))
      const added = moment.filter((pod) => imageOf(pod).endsWith('1.1.0') && isReady(pod))
      expect(old.length + added.length).toBeGreaterThanOrEqual(3)
    }
  })

  test('S-06: for a while both versions are in the EndpointSlices, at the end only the new', () => {
    const imageByPod = new Map(pods.map((event) => [event.object.metadata.name, imageOf(event)]))
    const current = new Map<string, readonly string[]>()
    const seen = slices.map(({ type, object }) => {
      const ready = (object.endpoints ?? []).filter(
        ({ conditions }: { conditions: { ready: boolean } }) => conditions.ready,
      )
      const images = ready.map(({ targetRef }: { targetRef: { name: string } }) =>
        imageByPod.get(targetRef.name),
      )
      current.set(object.metadata.uid, type === 'DELETED' ? [] : images)
      return [...new Set([...current.values()].flat())].sort().join(' ')
    })
    expect(seen).toContain('learnk8s/app:1.0.0 learnk8s/app:1.1.0')
    expect(seen.at(-1)).toBe('learnk8s/app:1.1.0')
  })

  test('S-06: no request fails', () => {
    expect(tally.failures).toEqual([])
    expect(tally.requests).toBeGreaterThan(1_000)
  })
})

describe('one rollout each', () => {
  beforeEach(async () => {
    given = await engine.namespace()
  })

  test('S-02: a rolling update is what happens when nothing else is asked for', async () => {
    await given.rollOut(deployment, 'deployment/example-deployment')
    expect((await given.get('deployment example-deployment')).spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    })
  })

  test("S-04: the article's own Deployment, which declares no port, serves", async () => {
    await given.rollOut(deployment, 'deployment/example-deployment')
    const { url } = await expose('deployment/example-deployment')
    const pods = (await given.run('get pods -o name')).trim().split('\n')
    expect(pods).toHaveLength(3)
    await eventually(async () => {
      expect(await (await fetch(url)).text()).toBe('1.0.0')
      for (const pod of pods) expect(await given.run(`logs ${pod}`)).toBe('first request\n')
    })
    await given.run('rollout restart deployment/example-deployment')
    await given.run('rollout status deployment/example-deployment --timeout=60s')
    const { hostname, port } = new URL(url)
    const told = await given.run('exec deployment/example-deployment -- env')
    expect(told).toContain(`APP_PORT=tcp://${hostname}:${port || 80}\n`)
    expect(told).toMatch(/^KUBERNETES_SERVICE_HOST=127\./m)
  })

  test('S-05: startup and readiness probe gate the traffic of a new pod', async () => {
    const manifest = (tag: string) => probed(appDeployment(tag, { replicas: 1 }), given.dir)
    for (const gate of ['started', 'ready']) await given.file(`1.0.0-${gate}`, '')
    await given.rollOut(manifest('1.0.0'))
    const { url } = await expose()
    await eventually(async () => expect(await (await fetch(url)).text()).toBe('1.0.0'))
    await given.run('apply -f -', { stdin: manifest('1.1.0') })
    const newPod = async () => {
      const { items } = await given.get('pods')
      return items.find((object: never) => imageOf({ object, type: 'ADDED' }).endsWith('1.1.0'))
    }
    const newPodShows = (started: boolean) =>
      eventually(async () => {
        const pod = await newPod()
        expect(pod.status.containerStatuses[0]).toMatchObject({ started, ready: false })
        const slices = (await given.get('endpointslices')).items
        const endpoint = slices
          .flatMap(({ endpoints }: { endpoints?: object[] }) => endpoints ?? [])
          .find((one: { targetRef: { name: string } }) => one.targetRef.name === pod.metadata.name)
        expect(endpoint.conditions).toMatchObject({ ready: false, serving: false })
        expect(await given.run(`logs ${pod.metadata.name}`)).toBe('')
        for (let count = 0; count < 20; count += 1) {
          expect(await (await fetch(url)).text()).toBe('1.0.0')
        }
      })
    await newPodShows(false)
    // The readiness probe would pass: it is not asked before the startup probe has (F-06).
    await given.file('1.1.0-ready', '')
    await newPodShows(false)
    await given.file('1.1.0-started', '')
    await given.rolledOut()
    await eventually(async () => expect(await (await fetch(url)).text()).toBe('1.1.0'))
    expect((await newPod()).status.containerStatuses[0]).toMatchObject({ started: true })
  })

  test('S-07: a version that cannot start gets stuck, and is not rolled back (B-55)', async () => {
    await given.rollOut(appDeployment('1.0.0', { progressDeadlineSeconds: 2 }))
    const { url } = await expose()
    await given.run('set image deployment/app app=learnk8s/app:0.0.0-missing')
    const status = await given.kubectl('rollout status deployment/app --timeout=30s')
    expect(status.code).toBe(1)
    expect(status.stderr).toBe('error: deployment "app" exceeded its progress deadline\n')
    const app = await given.get('deployment app')
    const sets = (await given.get('rs')).items
    const added = sets.find(({ spec }: { spec: { replicas: number } }) => spec.replicas === 1)
    expect(app.status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `ReplicaSet "${added.metadata.name}" has timed out progressing.`,
      }),
    )
    expect(app.spec.template.spec.containers[0].image).toBe('learnk8s/app:0.0.0-missing')
    expect(app.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 1, replicas: 4 })
    expect(await given.run('get pods')).toMatch(/0\/1 +(ErrImagePull|ImagePullBackOff)/)
    expect(await (await fetch(url)).text()).toBe('1.0.0')
    await given.run('rollout undo deployment/app')
    await given.rolledOut()
    await eventually(async () => expect((await given.get('pods')).items).toHaveLength(3))
  })

  test('S-07: a version that is ready and yet answers 500 is rolled out', async () => {
    await given.rollOut(probed(appDeployment('1.0.0')))
    const { url } = await expose()
    await given.run('set image deployment/app app=learnk8s/app:1.2.0')
    expect(await given.run('rollout status deployment/app --timeout=30s')).toMatch(
      /deployment "app" successfully rolled out\n$/,
    )
    await eventually(async () => expect((await fetch(url)).status).toBe(500))
  })

  test('S-08: what kubectl rollout handles', async () => {
    expect(await given.run('rollout -h')).toContain(
      'Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets\n',
    )
    await given.rollOut(appDeployment('1.0.0', { replicas: 0 }))
    const name = (await given.run('get rs -o name')).trim().replace('replicaset.apps/', '')
    const refused = async (verb: string) => {
      const { code, stderr } = await given.kubectl(`rollout ${verb} rs/${name}`)
      return `${code} ${stderr}`
    }
    const none = 'has been implemented for'
    expect(await refused('history')).toBe(`1 error: no history viewer ${none} "ReplicaSet.apps"\n`)
    expect(await refused('undo')).toBe(`1 error: no rollbacker ${none} "ReplicaSet.apps"\n`)
    expect(await refused('status')).toBe(`1 error: no status viewer ${none} ReplicaSet.apps\n`)
    expect(await refused('pause')).toBe(
      `1 error: replicasets.apps "${name}" pausing is not supported\n`,
    )
    expect(await refused('restart')).toBe(
      `1 error: replicasets.apps "${name}" restarting is not supported\n`,
    )
  })
})
