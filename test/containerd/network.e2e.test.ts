import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { freePort } from '../proxy/free-port.ts'
import { describeContainerd } from './describe-containerd.ts'
import { busyboxImage, GivenContainerd } from './given-containerd.ts'
import { eventually, GivenPods, sh, waits } from './given-pods.ts'
import { grpcPort, grpcServer } from './grpc-server.ts'

describeContainerd('the network of a pod', () => describe('the network of a pod', describeNetwork))

/** What the portmap plugin works with. */
const hasIptables = spawnSync('sh', ['-c', 'command -v iptables']).status === 0

function describeNetwork(): void {
  let containerd: GivenContainerd
  let given: GivenPods
  beforeAll(async () => {
    containerd = await GivenContainerd.start({ mapsPorts: true })
    containerd.registry.push('library/box:1', busyboxImage(sh(waits).command))
    const web = 'echo "I am $(hostname)" >/tmp/index.html; httpd -f -p 8080 -h /tmp & wait'
    containerd.registry.push('library/web:1', busyboxImage(sh(web).command))
    given = await GivenPods.start(containerd)
  })
  afterAll(async () => {
    await given?.stop()
    await containerd?.stop()
  })

  const changed = 'SandboxChanged Pod sandbox changed, it will be killed and re-created.'

  /** A pod that keeps how often it was initialized. */
  const initialized = async (name: string) => {
    const volumeMounts = [{ name: 'v', mountPath: '/v' }]
    const init = { name: 'init', image: 'box:1', ...sh('echo init >>/v/times'), volumeMounts }
    const volumes = [{ name: 'v', emptyDir: {} }]
    await given.runPod(name, { volumeMounts }, { initContainers: [init], volumes })
    return given.ready(name)
  }

  const kill = async (...pods: readonly Pod[]) => {
    for (const { metadata } of pods) await containerd.killSandbox(metadata.uid ?? '')
  }

  /** All of it has been started once more, at another address. */
  const remade = async ({ metadata, status }: Pod) => {
    const name = metadata.name ?? ''
    await expect.poll(() => given.eventsOf(name), eventually).toContain(changed)
    const first = async () => (await given.pod(name)).status?.containerStatuses?.[0]
    await expect.poll(first, eventually).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 137 } },
    })
    const now = (await given.pod(name)).status
    const { restartCount, state } = now?.initContainerStatuses?.[0] ?? {}
    expect([restartCount, state?.terminated?.exitCode]).toEqual([1, 0])
    expect(now?.podIP).toMatch(/^10\./)
    expect(now?.podIP).not.toBe(status?.podIP)
  }

  test('probes by gRPC: a server that says that it does not serve is not ready (F-09)', async () => {
    const { container, spec } = grpcServer()
    const grpc = { port: grpcPort }
    const readinessProbe = { grpc, periodSeconds: 1 }
    const startupProbe = { tcpSocket: grpc, periodSeconds: 1, failureThreshold: 60 }
    await given.runPod('health', { ...container, readinessProbe, startupProbe }, spec)
    const unready =
      'Unhealthy Readiness probe failed: service unhealthy (responded with "NOT_SERVING")'
    await expect.poll(() => given.eventsOf('health'), eventually).toContain(unready)
    const [status] = (await given.pod('health')).status?.containerStatuses ?? []
    expect(status).toMatchObject({ started: true, ready: false, restartCount: 0 })
    await given.kubectl(['exec', 'health', '--', 'touch', '/tmp/go'])
    await given.ready('health')
  })

  test('a sandbox that dies is made again: init containers first, then all by its policy', async () => {
    const again = await initialized('again')
    await given.runPod('once', {}, { restartPolicy: 'Never' })
    const once = await given.ready('once')
    await kill(again, once)
    await remade(again)
    const works = await given.kubectl(['exec', 'again', '--', 'cat', '/v/times'])
    expect(works.stdout).toBe('init\ninit\n')
    expect(await given.ended('once')).toMatchObject({ exitCode: 137 })
    expect(await given.eventsOf('once')).not.toContain(changed)
  })

  test('a sandbox that died while no engine was here is made again as soon as one is', async () => {
    const away = await initialized('away')
    await given.runPod('done', sh('exit 3'), { restartPolicy: 'Never' })
    expect(await given.ended('done')).toMatchObject({ exitCode: 3 })
    const done = await given.pod('done')
    await given.engine.restart(() => kill(away, done))
    await remade(away)
    const { phase, containerStatuses } = (await given.pod('done')).status ?? {}
    expect(phase).toBe('Failed')
    expect(containerStatuses).toEqual(done.status?.containerStatuses)
    expect(await given.eventsOf('done')).not.toContain(changed)
  })

  test('an end that nobody recorded has no code, and what is to run goes on', async () => {
    const { metadata } = await initialized('unseen')
    await containerd.killUnseen(metadata.uid ?? '')
    const first = async () => (await given.pod('unseen')).status?.containerStatuses?.[0]
    await expect.poll(first, eventually).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    })
  })

  test.runIf(hasIptables)('a port of the machine leads to the pod, and is free again', async () => {
    const hostPort = await freePort()
    const ports = [{ containerPort: 8080, hostPort }]
    const answer = () =>
      fetch(`http://127.0.0.1:${hostPort}/`).then(
        (response) => response.text(),
        () => 'nobody',
      )
    for (const name of ['first', 'second']) {
      expect(await answer()).toBe('nobody')
      await given.runPod(name, { image: 'web:1', ports })
      await given.ready(name)
      await expect.poll(answer, eventually).toBe(`I am ${name}\n`)
      await given.kubectl(['delete', 'pod', name])
    }
    expect(await answer()).toBe('nobody')
  })
}
