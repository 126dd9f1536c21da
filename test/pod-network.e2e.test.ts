import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, Pod, PodSpec } from '../src/api/generated/types.ts'
import { endpointSlices, events, pods, services } from '../src/api/scheme.ts'
import { markOf } from '../src/node/network/ip-tool.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'
import { kubectlBinary } from './kubectl-binary.ts'
import { freePort } from './proxy/free-port.ts'

const run = promisify(execFile)
const inDefault = { namespace: 'default' }
const eventually = { timeout: 30_000, interval: 50 }
/** Root of a container may lack the capability, and a kernel the devices. */
const trial = 'ip link add name br7 type bridge && ip link add name ve7 type veth peer name ve8'
const canMakeNetworks = spawnSync('unshare', ['--net', 'sh', '-c', trial]).status === 0

if (!canMakeNetworks) {
  it('where pods can have no network of their own, up says what that needs, or pods wait', async () => {
    const outcome = await givenEngine({ podNetwork: 'cni' }).then(
      (engine) => engine.stop().then(() => 'up'),
      (error: Error) => error.message,
    )
    expect(outcome).toMatch(/--pod-network|^up$/)
  })
}

if (canMakeNetworks) {
  describe('--pod-network cni', () => {
    let given: GivenEngine
    let mark: string

    beforeAll(async () => {
      given = await givenEngine({ podNetwork: 'cni' })
      mark = markOf(given.dataDir)
      const image = mkdtempSync(join(tmpdir(), 'astern-image-'))
      writeFileSync(join(image, 'index.html'), 'hello\n')
      // Always this port, whatever it is told.
      await given.images.add('fixed:1', image, ['busybox', 'httpd', '-f', '-p', '8080'])
    })
    afterAll(() => given?.stop())

    const api = () => given.engine.transport
    const links = () => execFileSync('ip', ['-brief', 'link']).toString()
    const localRoutes = () => execFileSync('ip', ['route', 'show', 'table', 'local']).toString()
    const namespaces = () => {
      const all = existsSync('/run/netns') ? readdirSync('/run/netns') : []
      return all.filter((name) => name.startsWith(`astern-${mark}-`))
    }

    async function runPod(
      name: string,
      more: Partial<Container> = {},
      spec: Partial<PodSpec> = {},
    ) {
      const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 }
      const containers = [{ name: 'app', image: 'fixed:1', readinessProbe, ...more }]
      const metadata = { name, labels: { app: 'fixed' } }
      const whole = { terminationGracePeriodSeconds: 1, containers, ...spec }
      const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: whole }
      await api().create(pods, inDefault, pod)
    }

    const podOf = (name: string): Promise<Pod> => api().get(pods, { ...inDefault, name })

    async function ready(name: string): Promise<Pod> {
      const isReady = async () => (await podOf(name)).status?.containerStatuses?.[0]?.ready
      await expect.poll(isReady, eventually).toBe(true)
      return podOf(name)
    }

    async function exec(name: string, ...command: readonly string[]): Promise<string> {
      const env = { ...process.env, KUBECONFIG: given.engine.kubeconfig }
      return (await run(kubectlBinary(), ['exec', name, '--', ...command], { env })).stdout
    }

    const body = async (url: string) => (await fetch(url)).text()

    it('a hard-coded port works in as many pods as there are, and probes go there (F-09)', async () => {
      await Promise.all(['one', 'two'].map((name) => runPod(name)))
      const [one, two] = await Promise.all(['one', 'two'].map(ready))
      const addresses = [one?.status?.podIP, two?.status?.podIP]
      expect(new Set(addresses).size).toBe(2)
      for (const address of addresses) {
        expect(address).toMatch(/^10\./)
        expect(await body(`http://${address}:8080/`)).toBe('hello\n')
      }
      expect(one?.metadata.annotations?.['astern.dev/ports']).toBeUndefined()
    })

    it('Services reach the pods, and the pods reach Services (F-11)', async () => {
      const spec = { selector: { app: 'fixed' }, ports: [{ port: 80, targetPort: 8080 }] }
      const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'fixed' }, spec }
      const { spec: made } = await api().create(services, inDefault, service)
      const ready = async () =>
        (await api().list(endpointSlices, inDefault)).items
          .filter(({ metadata }) => metadata.name?.startsWith('fixed-'))
          .flatMap(({ endpoints, ports }) => endpoints?.map((_) => ports?.[0]?.port))
      await expect.poll(ready, eventually).toEqual([8080, 8080])
      const url = `http://${made?.clusterIP}/`
      await expect.poll(() => body(url).catch(String), eventually).toBe('hello\n')
      expect(await exec('one', 'busybox', 'wget', '-qO-', url)).toBe('hello\n')
    })

    it('a command in a pod sees the pod’s network, with volumes or without', async () => {
      await runPod(
        'mounts',
        { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
        { volumes: [{ name: 'scratch', emptyDir: {} }] },
      )
      for (const name of ['one', 'mounts']) {
        const { status } = await ready(name)
        expect(await exec(name, 'ip', '-brief', '-4', 'address')).toContain(` ${status?.podIP}/`)
      }
    })

    it('hostNetwork is the machine’s own; a hostPort leads into the pod, or an Event says why not', async () => {
      const port = await freePort()
      const ports = [{ containerPort: 8080, hostPort: port }]
      await runPod(
        'host',
        { command: ['sleep', '100'], readinessProbe: undefined },
        { hostNetwork: true },
      )
      await runPod('mapped', { ports })
      expect((await ready('host')).status?.podIP).toBe('127.0.0.1')
      const outcome = async () => {
        const { items } = await api().list(events, inDefault)
        const told = items.filter(({ reason }) => reason === 'FailedCreatePodSandBox')
        if (told.some(({ message }) => message?.includes(`hostPort ${port} cannot be had`)))
          return 'told'
        return body(`http://127.0.0.1:${port}/`).catch(String)
      }
      await expect.poll(outcome, eventually).toMatch(/^(told|hello\n)$/)
    })

    it('an engine that comes back finds the pods where they were', async () => {
      const before = (await podOf('one')).status
      await given.restart()
      const after = (await ready('one')).status
      expect(after?.podIP).toBe(before?.podIP)
      expect(after?.containerStatuses?.[0]?.containerID).toBe(
        before?.containerStatuses?.[0]?.containerID,
      )
    })

    it('a pod takes its network with it, and the engine all of it', async () => {
      const { uid } = (await podOf('two')).metadata
      expect(namespaces()).toContain(`astern-${mark}-${uid}`)
      await api().delete(pods, { ...inDefault, name: 'two' }, {})
      await expect.poll(namespaces, eventually).not.toContain(`astern-${mark}-${uid}`)
      const { serviceCidr } = given.engine.settings
      expect(links()).toContain(`astern${mark}`)
      expect(localRoutes()).toContain(serviceCidr)
      await given.engine.stop({ keepPods: false })
      expect(namespaces()).toEqual([])
      expect(links()).not.toContain(`astern${mark}`)
      expect(localRoutes()).not.toContain(serviceCidr)
    })
  })
}
