import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../src/api/generated/types.ts'
import { configMaps, events, pods, secrets, services } from '../src/api/scheme.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'

const inDefault = { namespace: 'default' }
const eventually = { timeout: 20_000, interval: 50 }
let given: GivenEngine

beforeAll(async () => {
  given = await givenEngine()
  await given.images.add('box:1', mkdtempSync(join(tmpdir(), 'astern-image-')), ['sleep', '1000'])
})
afterAll(() => given.stop())

const api = () => given.engine.transport

async function runPod(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}) {
  const containers = [
    { name: 'app', image: 'box:1', imagePullPolicy: 'IfNotPresent', ...container },
  ]
  const metadata = { name, labels: { tier: 'front' } }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } }
  await api().create(pods, inDefault, pod)
}

async function setConfig(name: string, data: Record<string, string>): Promise<void> {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
  const patch = { type: 'application/apply-patch+yaml', body: configMap } as const
  await api().patch(configMaps, { ...inDefault, name }, patch, {
    fieldManager: 'test',
    force: true,
  })
}

/** What the container has printed so far. */
async function printed(name: string): Promise<string> {
  const pod = await api().get(pods, { ...inDefault, name })
  const { uid } = pod.metadata
  try {
    const log = readFileSync(join(given.dataDir, 'pods', uid ?? '', 'app', '0.log'), 'utf8')
    return log.replace(/^\S+ \S+ F /gm, '')
  } catch {
    return ''
  }
}

async function eventsOf(name: string): Promise<readonly string[]> {
  const { items } = await api().list(events, inDefault)
  return items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason} ${message}`)
}

function canListenBelow1024(): boolean {
  const path = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  return process.getuid?.() === 0 || Number(readFileSync(path, 'utf8')) <= 53
}

const sh = (script: string) => ({ command: ['sh', '-c', script] })

describe('names', () => {
  // Port 53 is root's, unless the machine says otherwise.
  it.runIf(canListenBelow1024())(
    'are those of the cluster in a container with files of its own',
    async () => {
      const ports = [{ port: 80 }]
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { ports },
      }
      const { spec } = await api().create(services, inDefault, service)
      const volumes = [{ name: 'any', emptyDir: {} }]
      const volumeMounts = [{ name: 'any', mountPath: '/astern-test' }]
      const ask = sh('getent hosts web; getent hosts kubernetes.default.svc; cat /etc/resolv.conf')
      await runPod('asks', { volumeMounts, ...ask }, { volumes, restartPolicy: 'Never' })
      const dns = await api().get(services, { namespace: 'kube-system', name: 'kube-dns' })
      const address = `${spec?.clusterIP}`.replaceAll('.', '\\.')
      await expect
        .poll(() => printed('asks'), eventually)
        .toMatch(
          new RegExp(
            `^${address} +web\\.default\\.svc\\.cluster\\.local\\n127\\.\\d+\\.0\\.1 +kubernetes\\.default\\.svc\\.cluster\\.local\\n` +
              'search default\\.svc\\.cluster\\.local svc\\.cluster\\.local cluster\\.local.*\\n' +
              `nameserver ${dns.spec?.clusterIP}\\noptions ndots:5\\n$`,
          ),
        )
    },
  )
})

describe('volumes of process pods', () => {
  it('shows ConfigMap, Secret and the pod itself where the manifest says', async () => {
    await setConfig('settings', { colour: 'blue' })
    const secret = { metadata: { name: 'key' }, stringData: { password: 'xyzzy' } }
    await api().create(secrets, inDefault, { apiVersion: 'v1', kind: 'Secret', ...secret })
    const sources = [
      { configMap: { name: 'settings' } },
      { secret: { name: 'key', items: [{ key: 'password', path: 'deep/password', mode: 0o400 }] } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ]
    const volumeMounts = [{ name: 'all', mountPath: '/etc/astern-test/app' }]
    const read = sh(
      'cd /etc/astern-test/app; cat colour; echo; cat deep/password; echo; cat labels; echo',
    )
    await runPod(
      'reads',
      { ...read, volumeMounts },
      { volumes: [{ name: 'all', projected: { sources } }] },
    )
    await expect.poll(() => printed('reads'), eventually).toBe('blue\nxyzzy\ntier="front"\n')
  })

  it('a ConfigMap that changes reaches the running container', async () => {
    await setConfig('live', { colour: 'red' })
    const volumeMounts = [{ name: 'live', mountPath: '/astern-test' }]
    const script =
      'was=; while :; do now=$(cat /astern-test/colour); [ "$now" = "$was" ] || echo $now; was=$now; sleep 0.05; done'
    const volumes = [{ name: 'live', configMap: { name: 'live' } }]
    await runPod('follows', { ...sh(script), volumeMounts }, { volumes })
    await expect.poll(() => printed('follows'), eventually).toBe('red\n')
    await setConfig('live', { colour: 'green' })
    await expect.poll(() => printed('follows'), eventually).toBe('red\ngreen\n')
    const pod = await api().get(pods, { ...inDefault, name: 'follows' })
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0)
  })

  it('an emptyDir is shared by containers, and outlives a restart; subPath is a part of it', async () => {
    const volumes = [{ name: 'work', emptyDir: {} }]
    const mount = { name: 'work', mountPath: '/astern-test' }
    const initContainers = [
      { name: 'before', image: 'box:1', ...sh('echo 1 >/astern-test/runs'), volumeMounts: [mount] },
    ]
    const script =
      'runs=$(cat /astern-test/runs); echo $((runs + 1)) >/astern-test/runs; cp /astern-test/runs /part/; [ $runs -ge 2 ] || exit 1; sleep 1000'
    const part = { name: 'work', mountPath: '/part', subPath: 'a/b' }
    await runPod(
      'works',
      { ...sh(script), volumeMounts: [mount, part] },
      { volumes, initContainers },
    )
    const uid = async () =>
      (await api().get(pods, { ...inDefault, name: 'works' })).metadata.uid ?? ''
    const file = async (path: string) =>
      readFileSync(join(given.dataDir, 'pods', await uid(), '.volumes/work', path), 'utf8')
    await expect.poll(() => file('a/b/runs').catch(() => ''), eventually).toBe('3\n')
    expect(await file('runs')).toBe('3\n')
  })

  it('waits for a ConfigMap that is not there, says so, and starts when it is', async () => {
    const volumes = [{ name: 'late', configMap: { name: 'late' } }]
    const volumeMounts = [{ name: 'late', mountPath: '/astern-test' }]
    await runPod('waits', { ...sh('cat /astern-test/a'), volumeMounts }, { volumes })
    await expect
      .poll(() => eventsOf('waits'), eventually)
      .toContain(
        'FailedMount MountVolume.SetUp failed for volume "late" : configmap "late" not found',
      )
    const pod = await api().get(pods, { ...inDefault, name: 'waits' })
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating')
    await setConfig('late', { a: 'here\n' })
    await expect.poll(() => printed('waits'), eventually).toBe('here\n')
  })

  it('a hostPath in the engine’s own data is refused', async () => {
    const volumes = [{ name: 'spy', hostPath: { path: join(given.dataDir, 'pki') } }]
    await runPod('spies', { volumeMounts: [{ name: 'spy', mountPath: '/spy' }] }, { volumes })
    await expect
      .poll(() => eventsOf('spies'), eventually)
      .toContainEqual(expect.stringMatching(/^FailedMount .* is in Astern's own data/))
  })

  it('an unserved kind of volume is told with what is served', async () => {
    const volumes = [{ name: 'far', nfs: { server: 'nowhere', path: '/' } }]
    await runPod('far', { volumeMounts: [{ name: 'far', mountPath: '/far' }] }, { volumes })
    await expect
      .poll(() => eventsOf('far'), eventually)
      .toContainEqual(
        expect.stringMatching(
          /^FailedMount .*volumes of type nfs are not served here; use emptyDir/,
        ),
      )
  })
})
