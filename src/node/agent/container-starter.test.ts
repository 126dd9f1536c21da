import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Pod, PodSpec, Volume } from '../../api/generated/types.ts'
import { StatusError } from '../../api/status-error.ts'
import { systemContext } from '../../base/context.ts'
import type { ContainerSpec } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { ContainerStarter } from './container-starter.ts'

const podDir = mkdtempSync(join(tmpdir(), 'astern-starter-'))
const dir = join(podDir, '.volumes')
mkdirSync(dir)
afterAll(() => rmSync(podDir, { recursive: true }))

const hindrance = 'bubblewrap is not installed on this machine: install it'
const sandbox = { podUid: 'u', ip: '127.0.0.1', ports: {}, env: [] }

/** A machine on which no container can have a file tree of its own. */
function machineWithout() {
  const started: ContainerSpec[] = []
  const told: string[] = []
  const runtime = {
    name: 'process',
    isolation: {
      volumesDir: () => dir,
      hiddenDir: '/nowhere',
      hindrance: async () => hindrance,
      limitHindrance: 'no cgroup may be written here: run "astern up" as root',
    },
    imageStatus: async () => ({ imageId: 'sha256:0', sizeBytes: 1 }),
    startContainer: async (spec: ContainerSpec) => {
      started.push(spec)
      return { ...spec, containerId: 'c', imageId: 'i', state: { phase: 'running' } }
    },
  }
  const recorder = {
    event: (...[, type, reason, message]: readonly [Pod, string, string, string]) =>
      told.push(`${type} ${reason}: ${message}`),
  }
  const services = {
    runtime,
    recorder,
    context: systemContext(),
    transport: {
      get: () => Promise.reject(new StatusError('NotFound', 'not found')),
      list: async () => ({ items: [], resourceVersion: '1' }),
    },
    allocatable: {},
    dns: { server: () => '10.96.0.10', domain: 'cluster.local', machineFile: '/no/such/file' },
    serviceAccountToken: async () => ({ token: 'T0K3N', expiresAtMs: Date.now() + 3_600_000 }),
  } as unknown as AgentServices
  return { starter: new ContainerStarter(services), started, told }
}

const token: Volume = {
  name: 'kube-api-access-x',
  projected: { sources: [{ serviceAccountToken: { path: 'token' } }] },
}
const scratch: Volume = { name: 'scratch', emptyDir: {} }

async function start(volumes: readonly Volume[], more: Partial<PodSpec['containers'][0]> = {}) {
  const machine = machineWithout()
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/mnt/${name}` }))
  const spec = { name: 'app', image: 'app:1', volumeMounts, ...more }
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { containers: [spec], volumes: [...volumes] },
  }
  const container = { spec, role: 'main' } as never
  const outcome = await machine.starter.start(pod, { container, restart: 0 }, sandbox)
  machine.starter.stop()
  return { ...machine, outcome }
}

test('without private file trees the token’s place is told by a variable', async () => {
  const { started, told } = await start([token])
  const [spec] = started
  const place = spec?.env.find(({ name }) => name === 'ASTERN_SERVICE_ACCOUNT_DIR')?.value ?? ''
  expect(readFileSync(join(place, 'token'), 'utf8')).toBe('T0K3N')
  expect(spec?.mounts).toEqual([])
  expect(told.filter((event) => event.startsWith('Warning'))).toEqual([])
})

test('a volume of the user’s own waits, and the Event says what would help (F-03)', async () => {
  const { started, told, outcome } = await start([token, scratch])
  expect(started).toEqual([])
  expect(outcome).toMatchObject({ reason: 'ContainerCreating' })
  expect(told).toEqual([
    `Warning FailedMount: MountVolume.SetUp failed for volume "scratch" : ${hindrance}`,
  ])
})

test('the cluster’s names are written down only for a container that has files of its own', async () => {
  const { started } = await start([])
  const file = join(dir, '..', '.dns', 'resolv.conf')
  expect(existsSync(file)).toBe(false)
  const mounts = await started[0]?.systemMounts()
  expect(mounts).toEqual([{ hostPath: file, containerPath: '/etc/resolv.conf', isReadOnly: true }])
  expect(readFileSync(file, 'utf8')).toContain('nameserver 10.96.0.10\n')
})

test('limits that cannot be held, and a user that cannot be had, are said once each', async () => {
  const limits = { cpu: '100m', memory: '64Mi' }
  const { started, told } = await start([], {
    resources: { limits },
    securityContext: { runAsUser: 4711 },
  })
  expect(started).toHaveLength(1)
  expect(started[0]?.user).toBeUndefined()
  expect(told.filter((event) => event.startsWith('Warning'))).toEqual([
    expect.stringContaining('RunAsUserIgnored: runAsUser 4711 of container app is not heeded'),
    expect.stringContaining('LimitsNotHeld: limits of container app are not held'),
  ])
})
