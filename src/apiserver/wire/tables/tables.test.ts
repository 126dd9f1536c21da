import { describe, expect, it } from 'vitest'
import { scheme } from '../../../api/scheme.ts'
import { tableOf } from './tables.ts'

const nowMs = Date.parse('2026-01-01T01:00:00Z')
const created = '2026-01-01T00:00:00Z'
const metadata = { name: 'x', namespace: 'default', creationTimestamp: created }

const selector = {
  matchLabels: { app: 'x' },
  matchExpressions: [
    { key: 'tier', operator: 'In', values: ['b', 'a'] },
    { key: 'zone', operator: 'DoesNotExist' },
    { key: 'env', operator: 'NotIn', values: ['dev'] },
    { key: 'team', operator: 'Exists' },
  ],
}
const selectorText = 'app=x,env notin (dev),team,tier in (a,b),!zone'
const template = {
  spec: {
    containers: [
      { name: 'a', image: 'i:1' },
      { name: 'b', image: 'j:2' },
    ],
  },
}
const ports = (...numbers: number[]) => numbers.map((port) => ({ port, protocol: 'TCP' }))
const involvedObject = { kind: 'Pod', name: 'p', fieldPath: 'spec.containers{app}' }

interface Case {
  readonly what: string
  readonly kind: string
  readonly object: object
  readonly cells: readonly unknown[]
}

const cases: readonly Case[] = [
  {
    what: 'a Deployment in the middle of a rollout',
    kind: 'Deployment',
    object: {
      spec: { replicas: 3, selector, template },
      status: { readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 },
    },
    cells: ['x', '2/3', 1, 2, '60m', 'a,b', 'i:1,j:2', selectorText],
  },
  {
    what: 'a Deployment without status',
    kind: 'Deployment',
    object: { spec: { replicas: 0, selector: {}, template: {} } },
    cells: ['x', '0/0', 0, 0, '60m', '', '', '<none>'],
  },
  {
    what: 'a ReplicaSet',
    kind: 'ReplicaSet',
    object: {
      spec: { replicas: 3, selector: { matchLabels: { b: '2', a: '1' } }, template },
      status: { replicas: 2, readyReplicas: 1 },
    },
    cells: ['x', 3, 2, 1, '60m', 'a,b', 'i:1,j:2', 'a=1,b=2'],
  },
  {
    what: 'a ClusterIP Service',
    kind: 'Service',
    object: {
      spec: {
        type: 'ClusterIP',
        clusterIPs: ['127.77.0.9'],
        ports: ports(80, 443),
        selector: { b: '2', a: '1' },
      },
    },
    cells: ['x', 'ClusterIP', '127.77.0.9', '<none>', '80/TCP,443/TCP', '60m', 'a=1,b=2'],
  },
  {
    what: 'a headless Service without ports or selector',
    kind: 'Service',
    object: { spec: { type: 'ClusterIP', clusterIPs: ['None'] } },
    cells: ['x', 'ClusterIP', 'None', '<none>', '<none>', '60m', '<none>'],
  },
  {
    what: 'a NodePort Service with an external address',
    kind: 'Service',
    object: {
      spec: {
        type: 'NodePort',
        clusterIPs: ['127.77.0.9'],
        externalIPs: ['192.0.2.1'],
        ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
      },
    },
    cells: ['x', 'NodePort', '127.77.0.9', '192.0.2.1', '80:30080/TCP', '60m', '<none>'],
  },
  {
    what: 'a LoadBalancer that waits',
    kind: 'Service',
    object: { spec: { type: 'LoadBalancer', clusterIPs: ['127.77.0.9'], ports: ports(80) } },
    cells: ['x', 'LoadBalancer', '127.77.0.9', '<pending>', '80/TCP', '60m', '<none>'],
  },
  {
    what: 'a LoadBalancer with addresses',
    kind: 'Service',
    object: {
      spec: { type: 'LoadBalancer', clusterIPs: ['127.77.0.9'], ports: ports(80) },
      status: {
        loadBalancer: {
          ingress: [{ ip: '127.0.0.1' }, { hostname: 'a.test' }, { ip: '127.0.0.1' }],
        },
      },
    },
    cells: ['x', 'LoadBalancer', '127.77.0.9', '127.0.0.1,a.test', '80/TCP', '60m', '<none>'],
  },
  {
    what: 'an ExternalName Service',
    kind: 'Service',
    object: { spec: { type: 'ExternalName', externalName: 'example.test' } },
    cells: ['x', 'ExternalName', '<none>', 'example.test', '<none>', '60m', '<none>'],
  },
  {
    what: 'an EndpointSlice',
    kind: 'EndpointSlice',
    object: {
      addressType: 'IPv4',
      ports: [{ port: 80 }, { name: 'any' }, {}],
      endpoints: [{ addresses: ['a', 'b'] }, { addresses: ['c'] }, { addresses: ['d', 'e'] }],
    },
    cells: ['x', 'IPv4', '80,any,*', 'a,b,c + 2 more...', '60m'],
  },
  {
    what: 'an empty EndpointSlice',
    kind: 'EndpointSlice',
    object: { addressType: 'IPv4', endpoints: [] },
    cells: ['x', 'IPv4', '<unset>', '<unset>', '60m'],
  },
  {
    what: 'an Event that was merged',
    kind: 'Event',
    object: {
      involvedObject,
      type: 'Warning',
      reason: 'BackOff',
      message: ' Back-off \n',
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: created,
      lastTimestamp: '2026-01-01T00:59:55Z',
      count: 7,
    },
    cells: [
      '5s',
      'Warning',
      'BackOff',
      'pod/p',
      'spec.containers{app}',
      'kubelet, n1',
      'Back-off',
      '60m',
      7,
      'x',
    ],
  },
  {
    what: 'an Event of the new kind',
    kind: 'Event',
    object: {
      involvedObject: { kind: 'Node' },
      type: 'Normal',
      reason: 'Starting',
      eventTime: '2026-01-01T00:59:00.000000Z',
      reportingComponent: 'astern',
      reportingInstance: '',
    },
    cells: ['60s', 'Normal', 'Starting', 'node', '', 'astern', '', '60s', 1, 'x'],
  },
  {
    what: 'an Event with a series',
    kind: 'Event',
    object: {
      involvedObject,
      firstTimestamp: created,
      series: { count: 4, lastObservedTime: '2026-01-01T00:59:50.000000Z' },
    },
    cells: ['10s', '', '', 'pod/p', 'spec.containers{app}', '', '', '60m', 4, 'x'],
  },
  {
    what: 'a cordoned Node',
    kind: 'Node',
    object: {
      metadata: {
        ...metadata,
        labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        nodeInfo: {
          kubeletVersion: 'v1.35.0',
          osImage: 'Debian',
          kernelVersion: '6.1',
          containerRuntimeVersion: 'process://1',
        },
      },
    },
    cells: [
      'x',
      'Ready,SchedulingDisabled',
      'edge,worker',
      '60m',
      'v1.35.0',
      '127.0.0.1',
      '<none>',
      'Debian',
      '6.1',
      'process://1',
    ],
  },
  {
    what: 'a Node that says nothing',
    kind: 'Node',
    object: {},
    cells: [
      'x',
      'Unknown',
      '<none>',
      '60m',
      '',
      '<none>',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ],
  },
  {
    what: 'a Node that is not ready',
    kind: 'Node',
    object: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    cells: [
      'x',
      'NotReady',
      '<none>',
      '60m',
      '',
      '<none>',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ],
  },
  {
    what: 'a Namespace',
    kind: 'Namespace',
    object: { status: { phase: 'Active' } },
    cells: ['x', 'Active', '60m'],
  },
  {
    what: 'a ConfigMap',
    kind: 'ConfigMap',
    object: { data: { a: '', b: '' }, binaryData: { c: '' } },
    cells: ['x', 3, '60m'],
  },
  {
    what: 'a Secret',
    kind: 'Secret',
    object: { type: 'Opaque', data: { a: '' } },
    cells: ['x', 'Opaque', 1, '60m'],
  },
  {
    what: 'a ServiceAccount (1.35)',
    kind: 'ServiceAccount',
    object: { secrets: [{ name: 's' }] },
    cells: ['x', '60m'],
  },
  {
    what: 'a Lease',
    kind: 'Lease',
    object: { spec: { holderIdentity: 'me' } },
    cells: ['x', 'me', '60m'],
  },
  {
    what: 'a StatefulSet',
    kind: 'StatefulSet',
    object: {
      spec: { replicas: 3, selector, template },
      status: { replicas: 3, readyReplicas: 2 },
    },
    cells: ['x', '2/3', '60m', 'a,b', 'i:1,j:2'],
  },
  {
    what: 'a DaemonSet',
    kind: 'DaemonSet',
    object: {
      spec: {
        selector,
        template: { spec: { ...template.spec, nodeSelector: { b: '2', a: '1' } } },
      },
      status: {
        desiredNumberScheduled: 5,
        currentNumberScheduled: 4,
        numberReady: 3,
        updatedNumberScheduled: 2,
        numberAvailable: 1,
      },
    },
    cells: ['x', 5, 4, 3, 2, 1, 'a=1,b=2', '60m', 'a,b', 'i:1,j:2', selectorText],
  },
  {
    what: 'a DaemonSet without status',
    kind: 'DaemonSet',
    object: { spec: { selector: {}, template: {} } },
    cells: ['x', 0, 0, 0, 0, 0, '<none>', '60m', '', '', '<none>'],
  },
  {
    what: 'a ControllerRevision',
    kind: 'ControllerRevision',
    object: {
      metadata: {
        ...metadata,
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true },
        ],
      },
      revision: 3546343826724305833n,
    },
    cells: ['x', 'statefulset.apps/web', 3546343826724305833n, '60m'],
  },
  {
    what: 'a ControllerRevision of nobody',
    kind: 'ControllerRevision',
    object: { revision: 1 },
    cells: ['x', '<none>', 1, '60m'],
  },
  {
    what: 'a PersistentVolumeClaim',
    kind: 'PersistentVolumeClaim',
    object: {
      spec: { storageClassName: 'fast', volumeMode: 'Block' },
      status: { phase: 'Pending' },
    },
    cells: ['x', 'Pending', '', '', '', 'fast', '<unset>', '60m', 'Block'],
  },
  {
    what: 'a ResourceQuota',
    kind: 'ResourceQuota',
    object: {
      status: {
        hard: { pods: '3', 'limits.cpu': '2', 'count/widgets.example.com': '1' },
        used: { pods: '1', 'limits.cpu': '500m' },
      },
    },
    cells: ['x', 'count/widgets.example.com: 0/1, pods: 1/3', 'limits.cpu: 500m/2', '60m'],
  },
  {
    what: 'a Scale',
    kind: 'Scale',
    object: { spec: { replicas: 3 }, status: { replicas: 2 } },
    cells: ['x', 3, 2, '60m'],
  },
]

describe('cells (G.6, G-52)', () => {
  it.each(cases)('$what', ({ kind, object, cells }) => {
    const whole = { apiVersion: 'v1', kind, metadata, ...object }
    expect(tableOf(kind).cells(whole, nowMs)).toEqual(cells)
  })
})

// The header of `kubectl get -o wide`, `*` for what only that shows (G.6).
const headers: Readonly<Record<string, string>> = {
  ConfigMap: 'Name Data Age',
  ControllerRevision: 'Name Controller Revision Age',
  DaemonSet:
    'Name Desired Current Ready Up-to-date Available Node_Selector Age Containers* Images* Selector*',
  Deployment: 'Name Ready Up-to-date Available Age Containers* Images* Selector*',
  EndpointSlice: 'Name AddressType Ports Endpoints Age',
  Endpoints: 'Name Endpoints Age',
  Event: 'Last_Seen Type Reason Object Subobject* Source* Message First_Seen* Count* Name*',
  ClusterRole: 'Name Created_At',
  ClusterRoleBinding: 'Name Role Age Users* Groups* ServiceAccounts*',
  Job: 'Name Status Completions Duration Age Containers* Images* Selector*',
  CronJob: 'Name Schedule Timezone Suspend Active Last_Schedule Age Containers* Images* Selector*',
  HorizontalPodAutoscaler: 'Name Reference Targets MinPods MaxPods Replicas Age',
  Ingress: 'Name Class Hosts Address Ports Age',
  IngressClass: 'Name Controller Parameters Age',
  Lease: 'Name Holder Age',
  LimitRange: 'Name Created_At',
  Namespace: 'Name Status Age',
  NetworkPolicy: 'Name Pod-Selector Age',
  Node: 'Name Status Roles Age Version Internal-IP* External-IP* OS-Image* Kernel-Version* Container-Runtime*',
  PersistentVolume:
    'Name Capacity Access_Modes Reclaim_Policy Status Claim StorageClass VolumeAttributesClass Reason Age VolumeMode*',
  PersistentVolumeClaim:
    'Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age VolumeMode*',
  PodDisruptionBudget: 'Name Min_Available Max_Unavailable Allowed_Disruptions Age',
  Pod: 'Name Ready Status Restarts Age IP* Node* Nominated_Node* Readiness_Gates*',
  PriorityClass: 'Name Value Global-Default Age PreemptionPolicy',
  ReplicaSet: 'Name Desired Current Ready Age Containers* Images* Selector*',
  ReplicationController: 'Name Desired Current Ready Age Containers* Images* Selector*',
  ResourceQuota: 'Name Request Limit Age',
  Secret: 'Name Type Data Age',
  Service: 'Name Type Cluster-IP External-IP Port(s) Age Selector*',
  Role: 'Name Created_At',
  RoleBinding: 'Name Role Age Users* Groups* ServiceAccounts*',
  ServiceAccount: 'Name Age',
  StatefulSet: 'Name Ready Age Containers* Images*',
  StorageClass: 'Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age',
}

describe('columns (G.6)', () => {
  it.each(scheme.map(({ kind }) => kind))('%s', (kind) => {
    const names = tableOf(kind).columns.map(
      ({ name, priority }) => name.replaceAll(' ', '_') + (priority === 1 ? '*' : ''),
    )
    expect(names.join(' ')).toBe(headers[kind])
  })
})
