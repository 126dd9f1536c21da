import { describe, expect, it } from 'vitest'
import { tableOf } from './tables.ts'

const nowMs = Date.parse('2026-01-01T01:00:00Z')
const created = '2026-01-01T00:00:00Z'
const metadata = { name: 'x', namespace: 'default', creationTimestamp: created }

interface Case {
  readonly what: string
  readonly kind: string
  readonly object: object
  readonly cells: readonly unknown[]
}

const cases: readonly Case[] = [
  {
    what: 'a ReplicationController',
    kind: 'ReplicationController',
    object: {
      spec: {
        replicas: 2,
        selector: { tier: 'front', app: 'web' },
        template: { spec: { containers: [{ name: 'a', image: 'i' }] } },
      },
      status: { replicas: 1, readyReplicas: 1 },
    },
    cells: ['x', 2, 1, 1, '60m', 'a', 'i', 'app=web,tier=front'],
  },
  {
    what: 'a CronJob that has run',
    kind: 'CronJob',
    object: {
      spec: {
        schedule: '0 3 * * *',
        timeZone: 'Etc/UTC',
        suspend: true,
        jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a', image: 'i' }] } } } },
      },
      status: { active: [{ name: 'j' }], lastScheduleTime: '2026-01-01T00:30:00Z' },
    },
    cells: ['x', '0 3 * * *', 'Etc/UTC', 'True', 1, '30m', '60m', 'a', 'i', '<none>'],
  },
  {
    what: 'a CronJob that has not',
    kind: 'CronJob',
    object: { spec: { schedule: '@daily', suspend: false, jobTemplate: {} } },
    cells: ['x', '@daily', '<none>', 'False', 0, '<none>', '60m', '', '', '<none>'],
  },
  {
    what: 'an autoscaler of which nothing is known',
    kind: 'HorizontalPodAutoscaler',
    object: {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'app' },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ],
      },
    },
    cells: ['x', 'Deployment/app', 'cpu: <unknown>/80%', '1', 5, 0, '60m'],
  },
  {
    what: 'an autoscaler of several metrics',
    kind: 'HorizontalPodAutoscaler',
    object: {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'app' },
        maxReplicas: 5,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
          },
          {
            type: 'External',
            external: { metric: { name: 'q' }, target: { type: 'Value', value: '30' } },
          },
          {
            type: 'Pods',
            pods: { metric: { name: 'r' }, target: { type: 'AverageValue', averageValue: '1k' } },
          },
        ],
      },
      status: {
        currentReplicas: 2,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'memory', current: { averageValue: '512Mi' } } },
        ],
      },
    },
    cells: [
      'x',
      'Deployment/app',
      'memory: 512Mi/1Gi, <unknown>/30 + 1 more...',
      '<unset>',
      5,
      2,
      '60m',
    ],
  },
  {
    what: 'an Ingress',
    kind: 'Ingress',
    object: {
      spec: {
        ingressClassName: 'nginx',
        tls: [{}],
        rules: ['a', 'b', 'c', 'd', 'e'].map((host) => ({ host })),
      },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'a.example' }] } },
    },
    cells: ['x', 'nginx', 'a,b,c + 2 more...', '10.0.0.2,a.example', '80, 443', '60m'],
  },
  {
    what: 'an Ingress for all hosts',
    kind: 'Ingress',
    object: { spec: { defaultBackend: {} } },
    cells: ['x', '<none>', '*', '', '80', '60m'],
  },
  {
    what: 'an IngressClass',
    kind: 'IngressClass',
    object: {
      spec: {
        controller: 'example.com/c',
        parameters: { apiGroup: 'example.com', kind: 'Params', name: 'p' },
      },
    },
    cells: ['x', 'example.com/c', 'Params.example.com/p', '60m'],
  },
  {
    what: 'a NetworkPolicy',
    kind: 'NetworkPolicy',
    object: { spec: { podSelector: { matchLabels: { app: 'a' } } } },
    cells: ['x', 'app=a', '60m'],
  },
  {
    what: 'a PersistentVolume',
    kind: 'PersistentVolume',
    object: {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: 'default', name: 'c' },
        storageClassName: 'fast',
        volumeMode: 'Filesystem',
      },
      status: { phase: 'Bound' },
    },
    cells: [
      'x',
      '1Gi',
      'RWO,RWX',
      'Retain',
      'Bound',
      'default/c',
      'fast',
      '<unset>',
      '',
      '60m',
      'Filesystem',
    ],
  },
  {
    what: 'a PriorityClass',
    kind: 'PriorityClass',
    object: { value: 1000, preemptionPolicy: 'Never' },
    cells: ['x', 1000, false, '60m', 'Never'],
  },
  {
    what: 'the default StorageClass',
    kind: 'StorageClass',
    object: {
      metadata: {
        name: 'fast',
        creationTimestamp: created,
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'example.com/disk',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    cells: ['fast (default)', 'example.com/disk', 'Delete', 'WaitForFirstConsumer', false, '60m'],
  },
]

describe('cells of kinds that are data (G.6)', () => {
  it.each(cases)('$what', ({ kind, object, cells }) => {
    const whole = { apiVersion: 'v1', kind, metadata, ...object }
    expect(tableOf(kind).cells(whole, nowMs)).toEqual(cells)
  })
})
