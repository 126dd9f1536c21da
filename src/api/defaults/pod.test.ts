import { describe, expect, test } from 'vitest'
import { decodeObject } from '../decode.ts'
import type { Pod } from '../generated/types.ts'
import { pods } from '../scheme.ts'
import { applyDefaults } from './apply-defaults.ts'
import { defaultPullPolicy } from './container.ts'
import { admitPod } from './pod.ts'

const decoded = (spec: object): Pod => decodeObject(pods, { value: { spec } }, 'Strict').object
const pod = (spec: object): Pod => applyDefaults(pods, decoded(spec))
const container = (given: object) =>
  pod({ containers: [{ name: 'a', ...given }] }).spec?.containers[0]
const volume = (given: object) =>
  pod({ containers: [], volumes: [{ name: 'v', ...given }] }).spec?.volumes?.[0]

test('A-08, A-11 PodSpec', () => {
  expect(pod({ containers: [] }).spec).toEqual({
    containers: [],
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  })
  const given = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    enableServiceLinks: false,
  }
  expect(pod({ containers: [], ...given }).spec).toMatchObject(given)
})

describe('A-09 Container', () => {
  test('in full', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }]
    expect(container({ image: 'app:1', ports })).toEqual({
      name: 'a',
      image: 'app:1',
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      resources: {},
      ports: [{ containerPort: 80, protocol: 'TCP' }, ports[1]],
    })
  })

  const digest = `sha256:${'0'.repeat(64)}`
  test.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['localhost:5000/nginx', 'Always'],
    ['localhost:5000/a/nginx:2', 'IfNotPresent'],
    [`nginx@${digest}`, 'IfNotPresent'],
    [`nginx:latest@${digest}`, 'Always'],
    ['learnk8s/app:1.0.0', 'IfNotPresent'],
    ['', 'IfNotPresent'],
    ['Not An Image', 'IfNotPresent'],
  ])('image %j is pulled %s', (image, policy) => {
    expect(defaultPullPolicy(image)).toBe(policy)
  })

  test('holds for init containers too', () => {
    const { spec } = pod({ containers: [], initContainers: [{ name: 'i', image: 'x' }] })
    expect(spec?.initContainers?.[0]).toMatchObject({ imagePullPolicy: 'Always', resources: {} })
  })

  test('fieldRef reads v1', () => {
    const env = [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }]
    expect(container({ env })?.env?.[0]?.valueFrom?.fieldRef).toEqual({
      apiVersion: 'v1',
      fieldPath: 'metadata.name',
    })
  })
})

describe('A-10 Probe', () => {
  const timing = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }

  test.each(['livenessProbe', 'readinessProbe', 'startupProbe'] as const)('%s', (name) => {
    expect(container({ [name]: { httpGet: { port: 80 } } })?.[name]).toEqual({
      ...timing,
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    })
  })

  test('grpc has an empty service, given values stay, initialDelaySeconds 0 is left out', () => {
    const given = { grpc: { port: 1 }, failureThreshold: 30, initialDelaySeconds: 0 }
    expect(container({ startupProbe: given })?.startupProbe).toEqual({
      ...timing,
      grpc: { port: 1, service: '' },
      failureThreshold: 30,
    })
  })

  test('lifecycle hooks share httpGet', () => {
    const lifecycle = {
      preStop: { httpGet: { port: 80 } },
      postStart: { exec: { command: ['a'] } },
    }
    expect(container({ lifecycle })?.lifecycle).toEqual({
      preStop: { httpGet: { port: 80, path: '/', scheme: 'HTTP' } },
      postStart: { exec: { command: ['a'] } },
    })
  })
})

describe('A-11 pods only', () => {
  test('requests are the limits, resource by resource', () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }
    expect(container({ resources })?.resources).toEqual({
      limits: { cpu: '1', memory: '1Gi' },
      requests: { cpu: '500m', memory: '1Gi' },
    })
    expect(container({ resources: { requests: { cpu: '1' } } })?.resources).toEqual({
      requests: { cpu: '1' },
    })
  })

  test('on the host network a port is the port of the host', () => {
    const containers = [{ name: 'a', ports: [{ containerPort: 80 }] }]
    const ports = (spec: object) => pod({ containers, ...spec }).spec?.containers[0]?.ports?.[0]
    expect(ports({ hostNetwork: true })?.hostPort).toBe(80)
    expect(ports({})?.hostPort).toBeUndefined()
  })
})

describe('volumes', () => {
  test.each([
    ['no source', {}, { emptyDir: {} }],
    ['secret', { secret: { secretName: 's' } }, { secret: { secretName: 's', defaultMode: 420 } }],
    ['configMap', { configMap: { name: 'c' } }, { configMap: { name: 'c', defaultMode: 420 } }],
    ['own mode', { configMap: { defaultMode: 0 } }, { configMap: { defaultMode: 0 } }],
    ['hostPath', { hostPath: { path: '/' } }, { hostPath: { path: '/', type: '' } }],
    [
      'projected',
      { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      {
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }],
        },
      },
    ],
  ])('%s', (...[, given, expected]) => {
    expect(volume(given)).toEqual({ name: 'v', ...expected })
  })
})

test('the service account stands under both its names', () => {
  const both = { serviceAccountName: 'new', serviceAccount: 'new' }
  expect(pod({ containers: [], serviceAccountName: 'new' }).spec).toMatchObject(both)
  expect(pod({ containers: [], serviceAccount: 'new' }).spec).toMatchObject(both)
  expect(pod({ containers: [], ...both, serviceAccount: 'old' }).spec).toMatchObject(both)
})

describe('A-11 admission', () => {
  const own = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', tolerationSeconds: 5 }
  const unreachable = {
    key: 'node.kubernetes.io/unreachable',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }

  test('account, priority and tolerations; what is there stays', () => {
    expect(admitPod(decoded({ containers: [], tolerations: [own] })).spec).toEqual({
      containers: [],
      serviceAccountName: 'default',
      serviceAccount: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      tolerations: [own, unreachable],
    })
  })

  test('is idempotent, and needs no toleration where all is tolerated', () => {
    const admitted = admitPod(decoded({ containers: [] }))
    expect(admitted.spec?.tolerations).toHaveLength(2)
    expect(admitPod(admitted)).toBe(admitted)
    const all = admitPod(decoded({ containers: [], tolerations: [{ operator: 'Exists' }] }))
    expect(all.spec?.tolerations).toHaveLength(1)
  })
})
