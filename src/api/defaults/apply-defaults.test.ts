import { describe, expect, test } from 'vitest'
import { decodeObject } from '../decode.ts'
import type { KubeObject } from '../object.ts'
import type { Resource } from '../resource.ts'
import {
  configMaps,
  deployments,
  endpointSlices,
  namespaces,
  nodes,
  replicaSets,
  secrets,
  services,
} from '../scheme.ts'
import { applyDefaults } from './apply-defaults.ts'

function defaulted<T extends KubeObject>(resource: Resource<T>, value: object): T {
  return applyDefaults(resource, decodeObject(resource, { value }, 'Strict').object)
}

describe('Deployment', () => {
  const spec = (given: object) => defaulted(deployments, { spec: given }).spec

  test('A-01..A-03', () => {
    expect(spec({})).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      },
    })
    expect(spec({})).not.toHaveProperty('minReadySeconds')
  })

  test('A-01 an explicit 0 stays 0', () => {
    const given = { replicas: 0, revisionHistoryLimit: 0, progressDeadlineSeconds: 0 }
    expect(spec(given)).toMatchObject(given)
  })

  test('A-02 each of surge and unavailable only if absent', () => {
    expect(spec({ strategy: { rollingUpdate: { maxSurge: 0 } } })?.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' },
    })
  })

  test('A-02 other types get no rollingUpdate', () => {
    expect(spec({ strategy: { type: 'Recreate' } })?.strategy).toEqual({ type: 'Recreate' })
    expect(spec({ strategy: { type: 'Odd' } })?.strategy).toEqual({ type: 'Odd' })
  })

  test('A-08 the template gets what pods get, but nothing of A-11', () => {
    const resources = { limits: { cpu: '1' } }
    const template = { spec: { hostNetwork: true, containers: [{ name: 'a', resources }] } }
    const podSpec = spec({ template })?.template.spec
    expect(podSpec).toMatchObject({ restartPolicy: 'Always', schedulerName: 'default-scheduler' })
    expect(podSpec).not.toHaveProperty('enableServiceLinks')
    expect(podSpec?.containers[0]?.resources).toEqual(resources)
  })
})

test('A-01 ReplicaSet', () => {
  const { spec } = defaulted(replicaSets, { spec: { template: { spec: { containers: [] } } } })
  expect(spec).toMatchObject({ replicas: 1, template: { spec: { dnsPolicy: 'ClusterFirst' } } })
  expect(defaulted(replicaSets, { spec: { replicas: 0 } }).spec?.replicas).toBe(0)
})

describe('A-12 Service', () => {
  const spec = (given: object) => defaulted(services, { spec: given }).spec

  test('ClusterIP', () => {
    expect(
      spec({ ports: [{ port: 80 }, { port: 53, protocol: 'UDP', targetPort: 'dns' }] }),
    ).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
      ports: [
        { port: 80, protocol: 'TCP', targetPort: 80 },
        { port: 53, protocol: 'UDP', targetPort: 'dns' },
      ],
    })
  })

  test.each([
    ['NodePort', {}],
    ['LoadBalancer', { allocateLoadBalancerNodePorts: true }],
    ['ClusterIP', { externalIPs: ['192.0.2.1'] }],
  ])('%s %j is reached from outside', (type, more) => {
    const result = spec({ type, ...(type === 'ClusterIP' ? more : {}) })
    expect(result).toMatchObject({ type, externalTrafficPolicy: 'Cluster', ...more })
  })

  test('ExternalName has no traffic of its own', () => {
    expect(spec({ type: 'ExternalName', externalName: 'x.example' })).toEqual({
      type: 'ExternalName',
      externalName: 'x.example',
      sessionAffinity: 'None',
    })
  })

  test('ClientIP affinity lasts three hours', () => {
    expect(spec({ sessionAffinity: 'ClientIP' })).toMatchObject({
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
    })
  })
})

describe('Secret', () => {
  test('is Opaque, and stringData wins over data', () => {
    const value = { data: { a: 'b2xk', b: 'a2VlcA==' }, stringData: { a: 'new', c: 'grün' } }
    const secret = defaulted(secrets, value)
    expect(secret).toMatchObject({
      type: 'Opaque',
      data: { a: 'bmV3', b: 'a2VlcA==', c: 'Z3LDvG4=' },
    })
    expect(secret).not.toHaveProperty('stringData')
  })

  test('keeps its type', () => {
    expect(defaulted(secrets, { type: 'kubernetes.io/tls' }).type).toBe('kubernetes.io/tls')
  })
})

test('Namespace: its name as a label, phase Active', () => {
  const metadata = { name: 'team', labels: { 'kubernetes.io/metadata.name': 'lie', a: 'b' } }
  expect(defaulted(namespaces, { metadata })).toMatchObject({
    metadata: { labels: { 'kubernetes.io/metadata.name': 'team', a: 'b' } },
    status: { phase: 'Active' },
  })
  const going = defaulted(namespaces, { metadata, status: { phase: 'Terminating' } })
  expect(going.status?.phase).toBe('Terminating')
  expect(defaulted(namespaces, {}).metadata).toEqual({})
})

test('Node: allocatable is the capacity', () => {
  const capacity = { cpu: '4', pods: '110' }
  expect(defaulted(nodes, { status: { capacity } }).status?.allocatable).toEqual(capacity)
  const allocatable = { cpu: '3' }
  expect(defaulted(nodes, { status: { capacity, allocatable } }).status).toMatchObject({
    allocatable,
  })
})

test('EndpointSlice: ports have a name and a protocol', () => {
  const slice = defaulted(endpointSlices, { ports: [{ port: 80 }, { name: 'x', protocol: 'UDP' }] })
  expect(slice.ports).toEqual([
    { port: 80, name: '', protocol: 'TCP' },
    { name: 'x', protocol: 'UDP' },
  ])
})

test('kinds without defaults are passed through', () => {
  const { object } = decodeObject(configMaps, { value: { data: { a: 'b' } } }, 'Strict')
  expect(applyDefaults(configMaps, object)).toBe(object)
})
