import { afterEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import type { JsonValue } from '../../src/api/json.ts'
import { resolvePort } from '../../src/api/ports.ts'
import { nodes, pods } from '../../src/api/scheme.ts'
import { failure, type ProbeRunner, success } from '../../src/node/probes/probe.ts'
import type { PulledImages, Sandbox, SandboxSpec } from '../../src/node/runtime.ts'
import { GivenNode, type GivenNodeOptions } from './given-node.ts'

let node: GivenNode

async function given(options: GivenNodeOptions = {}): Promise<GivenNode> {
  node = await GivenNode.start(options)
  return node
}

afterEach(() => node.stop())

const statusOf = (pod: Pod | undefined) => pod?.status?.containerStatuses?.[0]
const isReady = (pod: Pod | undefined) =>
  pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

describe('agent', () => {
  it('registers a Ready node', async () => {
    await given()
    const { status } = await node.api.transport.get(nodes, { name: 'n' })
    expect(status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }])
  })

  it('says within ten seconds that disk or pids run short, and that they do no longer', async () => {
    const mebibyte = 2 ** 20
    let room = {
      diskFreeBytes: 50 * mebibyte,
      diskBytes: 1_000 * mebibyte,
      memoryFreeBytes: 1_000 * mebibyte,
      pidsFree: 10,
      pids: 32_768,
    }
    await given({ room: async () => room })
    const pressed = async () => {
      const { status } = await node.api.transport.get(nodes, { name: 'n' })
      return status?.conditions?.map((one) => `${one.type}=${one.status} ${one.reason}`)
    }
    const ready = 'Ready=True KubeletReady'
    expect(await pressed()).toEqual([
      'MemoryPressure=False KubeletHasSufficientMemory',
      'DiskPressure=True KubeletHasDiskPressure',
      'PIDPressure=True KubeletHasInsufficientPID',
      ready,
    ])
    room = { ...room, diskFreeBytes: 900 * mebibyte, pidsFree: 30_000 }
    await node.api.clock.advance(11_000)
    expect(await pressed()).toEqual([
      'MemoryPressure=False KubeletHasSufficientMemory',
      'DiskPressure=False KubeletHasNoDiskPressure',
      'PIDPressure=False KubeletHasSufficientPID',
      ready,
    ])
  })

  it('is NotReady, and says why, while nothing can be started', async () => {
    await given()
    let trouble: string | undefined = 'container runtime is down'
    Object.assign(node.runtime, { trouble: () => trouble })
    const ready = async () => {
      const { status } = await node.api.transport.get(nodes, { name: 'n' })
      return status?.conditions?.find(({ type }) => type === 'Ready')
    }
    await node.api.clock.advance(11_000)
    expect(await ready()).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message: 'container runtime is down',
    })
    trouble = undefined
    await node.api.clock.advance(11_000)
    expect(await ready()).toMatchObject({ status: 'True', reason: 'KubeletReady' })
  })

  it('removes images that nobody needs when the disk is full, and tells when that is not enough', async () => {
    const plain = { sizeBytes: 100, pulledAtMs: 0, isUsed: false }
    const kept = { ...plain, imageId: 'sha256:1', references: ['docker.io/library/kept:1'] }
    const idle = { ...plain, imageId: 'sha256:2', references: ['docker.io/library/idle:1'] }
    const removed: string[] = []
    const pulled: PulledImages = {
      list: async () => [kept, idle].filter(({ imageId }) => !removed.includes(imageId)),
      remove: async ({ imageId }) => void removed.push(imageId),
      disk: async () => ({ freeBytes: 50, bytes: 1_000 }),
    }
    const byReference = new Map([['docker.io/library/kept:1', ['replicaset/web-1']]])
    const imagesNeeded = async () => ({ byReference, digests: new Set<string>() })
    await given({ imagesNeeded, pulled })
    await node.api.clock.advance(301_000)
    expect(removed).toEqual(['sha256:2'])
    expect(await node.events('n')).toContain(
      'FreeDiskSpaceFailed Failed to garbage collect required amount of images. Attempted to free 150 bytes, but only found 100 bytes eligible to free.',
    )
  })

  it('F-05: runs a pod, tells its story, and publishes address and readiness', async () => {
    await given()
    await node.createPod('p')
    await node.api.clock.advance(2_000)
    const pod = await node.pod('p')
    expect(pod).toMatchObject({ spec: { nodeName: 'n' }, status: { phase: 'Running' } })
    expect(pod?.status?.podIP).toMatch(/^10\.1\.0\./)
    expect([isReady(pod), statusOf(pod)?.restartCount]).toEqual([true, 0])
    expect(await node.events('p')).toContain('Scheduled Successfully assigned default/p to n')
    expect(await node.ownEvents('p')).toEqual([
      'Pulling Pulling image "app:1"',
      'Pulled Successfully pulled image "app:1" in 0ms (0ms including waiting). Image size: 0 bytes.',
      'Created Created container: app',
      'Started Started container app',
    ])
  })

  describe('what is over in a moment is not shown', () => {
    const readinessProbe = { httpGet: { path: '/', port: 80 } }
    const containers = [{ name: 'app', image: 'app:1', readinessProbe }]

    /** The statuses that a watcher sees of a pod, without repetitions. */
    async function shown(probe: () => boolean): Promise<readonly string[]> {
      await given({ probe: async () => (probe() ? success() : failure('no')) })
      const seen: string[] = []
      const event = ({ object }: { object: Pod }) => {
        const state = Object.keys(statusOf(object)?.state ?? { none: {} }).join()
        const text = `${state} ip=${object.status?.podIP !== undefined} ready=${isReady(object) === true}`
        if (seen.at(-1) !== text) seen.push(text)
      }
      const { transport, clock } = node.api
      const watch = transport.watch(pods, {}, {}, { event, end: () => {} } as never)
      await node.createPod('p', { containers })
      await clock.advance(5_000)
      watch.stop()
      return seen
    }

    it('a program that answers at once is ready when it is first heard of', async () => {
      expect(await shown(() => true)).toEqual([
        'none ip=false ready=false',
        'running ip=true ready=true',
      ])
    })

    it('an agent that comes before it was shown asks at the right port', async () => {
      let isUp = false
      const asked = new Set<number | undefined>()
      const probe: ProbeRunner = async ({ pod }) => {
        asked.add(resolvePort(pod, 80))
        return isUp ? success() : failure('no')
      }
      await given({ probe })
      const { runSandbox, sandboxes } = node.runtime
      const mapped = (sandbox: Sandbox) => ({ ...sandbox, ports: { 0: 20_001 } })
      Object.assign(node.runtime, {
        runSandbox: async (spec: SandboxSpec) => mapped(await runSandbox.call(node.runtime, spec)),
        sandboxes: async () => (await sandboxes.call(node.runtime)).map(mapped),
      })
      await node.createPod('p', { containers })
      await node.api.clock.advance(20)
      await node.stopAgent()
      expect((await node.pod('p'))?.status?.podIP).toBeUndefined()
      expect((await node.runtime.containers()).length).toBe(1)
      await node.startAgent()
      isUp = true
      await node.api.clock.advance(2_000)
      expect(isReady(await node.pod('p'))).toBe(true)
      expect([...asked]).toEqual([20_001])
    })

    it('one that does not is shown running before it is ready', async () => {
      let asked = 0
      expect(await shown(() => ++asked > 8)).toEqual([
        'none ip=false ready=false',
        'running ip=true ready=false',
        'running ip=true ready=true',
      ])
    })
  })

  it('F-02: contradicts who says that its pod is not ready, twice in one second, too', async () => {
    await given()
    await node.createPod('p')
    await node.api.clock.advance(2_000)
    const { transport, clock } = node.api
    for (let time = 0; time < 2; time++) {
      const pod = await node.pod('p')
      const conditions = (pod?.status?.conditions ?? []).map((condition) =>
        condition.type === 'Ready' ? { ...condition, status: 'False' } : condition,
      )
      const body = { status: { conditions } } as unknown as JsonValue
      const patch = { type: 'application/merge-patch+json', body } as const
      const key = { namespace: 'default', name: 'p' }
      const down = await transport.patch(pods, key, patch, { subresource: 'status' })
      expect(isReady(down)).toBe(false)
      await clock.advance(100)
      expect(isReady(await node.pod('p'))).toBe(true)
    }
  })

  it('F-05: backs off from an image that cannot be had', async () => {
    await given({ behaviours: () => ({ isUnavailable: true }) })
    await node.createPod('p')
    await node.api.clock.advance(5_000)
    const pod = await node.pod('p')
    expect(pod?.status?.phase).toBe('Pending')
    expect(statusOf(pod)?.state?.waiting?.reason).toBe('ImagePullBackOff')
    const reasons = (await node.ownEvents('p')).map((text) => text.split(' ')[0])
    expect(reasons.slice(0, 3)).toEqual(['Pulling', 'Failed', 'Failed'])
    expect(reasons).toContain('BackOff')
  })

  it('F-04: restarts what ends, with back-off from the second time', async () => {
    await given({ behaviours: () => ({ exitAfterMs: 1_000, exitCode: 3 }) })
    await node.createPod('p')
    await node.api.clock.advance(4_000)
    const pod = await node.pod('p')
    expect(pod?.status?.phase).toBe('Running')
    expect(statusOf(pod)).toMatchObject({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    })
    await node.api.clock.advance(10_000)
    expect(statusOf(await node.pod('p'))?.restartCount).toBe(2)
  })

  it('F-01: a pod that is to run once succeeds, and stays', async () => {
    await given({ behaviours: () => ({ exitAfterMs: 1_000, exitCode: 0 }) })
    await node.createPod('p', { restartPolicy: 'Never' })
    await node.api.clock.advance(3_000)
    const pod = await node.pod('p')
    expect(pod?.status?.phase).toBe('Succeeded')
    expect(statusOf(pod)?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
  })

  it('says what would help when containers can have no files of their own', async () => {
    const hindrance = async () => 'bubblewrap is not installed'
    const dir = '/nowhere'
    const isolation = {
      volumesDir: () => dir,
      hiddenDir: dir,
      hindrance,
      limitHindrance: 'no cgroups',
    }
    await given({ isolation })
    const volumeMounts = [{ name: 'data', mountPath: '/data' }]
    const containers = [{ name: 'app', image: 'app:1', volumeMounts }]
    await node.createPod('p', { containers, volumes: [{ name: 'data', emptyDir: {} }] })
    await node.api.clock.advance(3_000)
    expect(statusOf(await node.pod('p'))?.state).toEqual({
      waiting: { reason: 'ContainerCreating' },
    })
    expect((await node.events('p')).at(-1)).toBe(
      'FailedMount MountVolume.SetUp failed for volume "data" : bubblewrap is not installed',
    )
    expect(await node.runtime.containers()).toEqual([])
  })

  it('says once that limits are not held, and runs the container', async () => {
    const dir = '/nowhere'
    const hindrance = async () => undefined
    const isolation = {
      volumesDir: () => dir,
      hiddenDir: dir,
      hindrance,
      limitHindrance: 'no cgroups',
    }
    await given({ isolation, behaviours: () => ({ exitAfterMs: 500, exitCode: 1 }) })
    const resources = { limits: { memory: '64Mi' } }
    await node.createPod('p', { containers: [{ name: 'app', image: 'app:1', resources }] })
    const restarts = async () => {
      await node.api.clock.advance(5_000)
      return statusOf(await node.pod('p'))?.restartCount
    }
    // The last words are looked for in a real file.
    await expect.poll(restarts, { interval: 5 }).toBeGreaterThan(0)
    const told = (await node.events('p')).filter((text) => text.startsWith('LimitsNotHeld'))
    expect(told).toEqual(['LimitsNotHeld limits of container app are not held: no cgroups'])
  })

  it('F-08: kills what its liveness probe gives up', async () => {
    let isHealthy = true
    const livenessProbe = { tcpSocket: { port: 1 }, periodSeconds: 1, failureThreshold: 2 }
    await given({ probe: async () => (isHealthy ? success() : failure('no answer')) })
    const containers = [{ name: 'app', image: 'app:1', livenessProbe }]
    await node.createPod('p', { containers, terminationGracePeriodSeconds: 1 })
    await node.api.clock.advance(3_000)
    expect(statusOf(await node.pod('p'))?.restartCount).toBe(0)
    isHealthy = false
    await node.api.clock.advance(4_000)
    isHealthy = true
    await node.api.clock.advance(4_000)
    expect(statusOf(await node.pod('p'))?.restartCount).toBe(1)
    expect(await node.events('p')).toEqual(
      expect.arrayContaining([
        'Unhealthy Liveness probe failed: no answer',
        'Killing Container app failed liveness probe, will be restarted',
      ]),
    )
  })
})

describe('postStart', () => {
  const hooked = (lifecycle: object) => ({
    containers: [{ name: 'app', image: 'app:1', lifecycle }],
  })

  it('keeps a container from being ready until it has ended', async () => {
    await given()
    await node.createPod('p', hooked({ postStart: { sleep: { seconds: 5 } } }))
    await node.api.clock.advance(3_000)
    expect(statusOf(await node.pod('p'))).toMatchObject({ ready: false, started: false })
    await node.api.clock.advance(4_000)
    expect(statusOf(await node.pod('p'))).toMatchObject({ ready: true, started: true })
  })

  it('that fails says so, and ends the container, which is restarted', async () => {
    let exitCode = 7
    await given({ behaviours: () => ({ exec: () => ({ exitCode, output: 'no luck' }) }) })
    await node.createPod('p', hooked({ postStart: { exec: { command: ['warm-up'] } } }))
    await node.api.clock.advance(2_000)
    exitCode = 0
    await node.api.clock.advance(20_000)
    expect(await node.events('p')).toContain(
      "FailedPostStartHook PostStartHook failed: command 'warm-up' exited with 7: no luck",
    )
    const status = statusOf(await node.pod('p'))
    expect(status).toMatchObject({ ready: true, lastState: { terminated: { exitCode: 143 } } })
  })
})

describe('F-10 the end of a pod', () => {
  it('waits for the proxies before the first signal, then reports and leaves', async () => {
    const order: string[] = []
    let release: () => void = () => {}
    const gate = {
      drained: async () => {
        order.push('gate asked')
        await new Promise<void>((resolve) => {
          release = resolve
        })
        return 'drained' as const
      },
    }
    await given({ gate })
    await node.createPod('p')
    await node.api.clock.advance(1_000)
    const stop = node.runtime.stopContainer.bind(node.runtime)
    node.runtime.stopContainer = (...args) => {
      order.push('signal')
      return stop(...args)
    }
    await node.deletePod('p')
    await node.api.clock.advance(1_000)
    expect(order).toEqual(['gate asked'])
    expect(await node.pod('p')).toBeDefined()
    release()
    await node.api.clock.advance(1_000)
    expect(order).toEqual(['gate asked', 'signal'])
    expect(await node.pod('p')).toBeUndefined()
    expect(await node.runtime.sandboxes()).toEqual([])
  })

  it('E-09: a later deletion may shorten the grace period', async () => {
    await given({ behaviours: () => ({ stopAfterMs: 60_000 }) })
    await node.createPod('p', { terminationGracePeriodSeconds: 50 })
    await node.api.clock.advance(1_000)
    await node.deletePod('p')
    await node.api.clock.advance(5_000)
    expect(await node.pod('p')).toBeDefined()
    await node.deletePod('p', 3)
    await node.api.clock.advance(4_000)
    expect(await node.pod('p')).toBeUndefined()
  })

  it('E-09: a pod removed from the API at once is ended at once', async () => {
    await given({ behaviours: () => ({ stopAfterMs: 60_000 }) })
    await node.createPod('p')
    await node.api.clock.advance(1_000)
    await node.deletePod('p', 0)
    await node.api.clock.advance(1_000)
    expect(await node.runtime.containers()).toEqual([])
  })
})

describe('E-09 a pod that waits for its proxies', () => {
  it('is ended at once when it is removed from the API meanwhile', async () => {
    await given({ gate: { drained: () => new Promise(() => {}) } })
    await node.createPod('p')
    await node.api.clock.advance(1_000)
    await node.deletePod('p')
    await node.api.clock.advance(1_000)
    expect(await node.runtime.containers()).toHaveLength(1)
    await node.deletePod('p', 0)
    await node.api.clock.advance(1_000)
    expect(await node.runtime.containers()).toEqual([])
  })
})

describe('a new agent', () => {
  it('adopts what runs: same container, no restart', async () => {
    await given()
    await node.createPod('p')
    await node.api.clock.advance(1_000)
    const before = statusOf(await node.pod('p'))
    await node.stopAgent()
    await node.api.clock.advance(60_000)
    await node.startAgent()
    await node.api.clock.advance(2_000)
    const after = await node.pod('p')
    expect(statusOf(after)).toEqual(before)
    expect(isReady(after)).toBe(true)
  })

  it('ends what was deleted meanwhile', async () => {
    await given()
    await node.createPod('p')
    await node.createPod('q')
    await node.api.clock.advance(1_000)
    await node.stopAgent()
    await node.deletePod('p', 0)
    await node.startAgent()
    await node.api.clock.advance(1_000)
    const { metadata } = (await node.pod('q')) as Pod
    expect((await node.runtime.sandboxes()).map(({ podUid }) => podUid)).toEqual([metadata.uid])
  })

  it('makes a sandbox that was lost meanwhile again, and begins with the init containers', async () => {
    const behaviours = (image: string) => (image === 'init:1' ? { exitAfterMs: 500 } : {})
    await given({ behaviours })
    await node.createPod('p', { initContainers: [{ name: 'init', image: 'init:1' }] })
    await node.api.clock.advance(3_000)
    const before = (await node.pod('p')) as Pod
    expect(isReady(before)).toBe(true)
    await node.stopAgent()
    const { runtime } = node
    const sandboxes = runtime.sandboxes.bind(runtime)
    runtime.sandboxes = async () => []
    await node.startAgent()
    runtime.sandboxes = sandboxes
    await node.api.clock.advance(3_000)
    const after = await node.pod('p')
    expect(await node.events('p')).toContain(
      'SandboxChanged Pod sandbox changed, it will be killed and re-created.',
    )
    expect(statusOf(after)).toMatchObject({
      ready: true,
      restartCount: 1,
      lastState: { terminated: { exitCode: 137 } },
    })
    expect(after?.status?.initContainerStatuses?.[0]).toMatchObject({ restartCount: 1 })
  })

  it('takes for ended what the runtime has lost, and never runs twice what is to run once', async () => {
    await given()
    await node.createPod('again')
    await node.createPod('once', { restartPolicy: 'Never' })
    await node.api.clock.advance(1_000)
    await node.stopAgent()
    for (const { podUid } of await node.runtime.sandboxes())
      await node.runtime.removeSandbox(podUid)
    await node.startAgent()
    await node.api.clock.advance(2_000)
    const terminated = { exitCode: 137, reason: 'ContainerStatusUnknown' }
    expect(statusOf(await node.pod('again'))).toMatchObject({
      ready: true,
      restartCount: 1,
      lastState: { terminated },
    })
    const once = await node.pod('once')
    expect(once?.status?.phase).toBe('Failed')
    expect(statusOf(once)).toMatchObject({ restartCount: 0, state: { terminated } })
  })
})
