import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import type { Resource } from '../resource.ts'
import {
  cronJobs,
  horizontalPodAutoscalers,
  ingressClasses,
  ingresses,
  networkPolicies,
  persistentVolumeClaims,
  persistentVolumes,
  priorityClasses,
  replicationControllers,
  storageClasses,
} from '../scheme.ts'
import {
  container,
  createErrors,
  newWarnings,
  updateErrors,
  warnings,
} from './errors-of.fixture.ts'

const template = { spec: { containers: [container], restartPolicy: 'Never' } }
const cronJob = (spec: JsonObject, jobSpec: JsonObject = {}) => ({
  spec: { schedule: '@daily', jobTemplate: { spec: { template, ...jobSpec } }, ...spec },
})
const autoscaler = (spec: JsonObject) => ({
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'app' }, maxReplicas: 3, ...spec },
})
const backend = { service: { name: 'app', port: { number: 80 } } }
const path = (changes: JsonObject = {}) => ({
  spec: {
    rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...changes }] } }],
  },
})
const at = 'spec.rules[0].http.paths[0]'
const volume = (changes: JsonObject = {}) => ({
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    hostPath: { path: '/data' },
    ...changes,
  },
})
const claim = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

const controller = (spec: JsonObject = {}) => ({
  spec: {
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } },
    ...spec,
  },
})

/** One good object of each kind that is kept as data. */
const good: readonly (readonly [Resource, JsonObject])[] = [
  [cronJobs, cronJob({})],
  [horizontalPodAutoscalers, autoscaler({})],
  [ingresses, path()],
  [ingressClasses, { spec: { controller: 'example.com/c' } }],
  [networkPolicies, { spec: { podSelector: {} } }],
  [persistentVolumeClaims, claim],
  [persistentVolumes, volume()],
  [replicationControllers, controller()],
  [storageClasses, { provisioner: 'example.com/disk' }],
]

describe.each(good.map(([resource, object]) => ({ kind: resource.kind, resource, object })))(
  '$kind',
  ({ resource, object }) => {
    test('a good one is taken, and it is said at once that nobody acts on it', () => {
      expect(createErrors(resource, object)).toEqual([])
      const [said, ...more] = newWarnings(resource, object)
      const start = `${resource.plural} are kept as data here: `
      expect(said?.slice(0, start.length)).toBe(start)
      expect(more).toEqual([])
    })

    test('an update says nothing any more', () => {
      expect(warnings(resource, object)).toEqual([])
      expect(updateErrors(resource, object, object)).toEqual([])
    })
  },
)

type Case = readonly [
  what: string,
  resource: Resource,
  object: JsonObject,
  errors: readonly string[],
]

const template0 = 'spec.jobTemplate.spec'
const hpaMetric = (metric: JsonObject) => autoscaler({ metrics: [metric] })
const policy = (spec: JsonObject) => ({ spec: { podSelector: {}, ...spec } })
const wildcardText =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const cases: readonly Case[] = [
  [
    'a controller that wants other pods than it makes',
    replicationControllers,
    controller({ selector: { app: 'b' } }),
    [
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'a controller of nothing',
    replicationControllers,
    { spec: { replicas: -1 } },
    [
      'spec.selector: Required value',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.template: Required value',
    ],
  ],
  [
    'a controller whose pods would end',
    replicationControllers,
    controller({
      selector: { app: 'a' },
      template: {
        metadata: { labels: { app: 'a' } },
        spec: { containers: [container], restartPolicy: 'Never', activeDeadlineSeconds: 5 },
      },
    }),
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
  [
    'a schedule of three fields',
    cronJobs,
    cronJob({ schedule: '* * *' }),
    ['spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'],
  ],
  ['no schedule', cronJobs, cronJob({ schedule: '' }), ['spec.schedule: Required value']],
  [
    'an hour that there is not',
    cronJobs,
    cronJob({ schedule: '0 25 * * *' }),
    ['spec.schedule: Invalid value: "0 25 * * *": end of range (25) above maximum (23): 25'],
  ],
  [
    'a zone in the schedule',
    cronJobs,
    cronJob({ schedule: 'TZ=UTC @daily' }),
    [
      'spec.schedule: Invalid value: "TZ=UTC @daily": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'an unknown zone',
    cronJobs,
    cronJob({ timeZone: 'Mars/Base' }),
    ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  ],
  [
    'another policy',
    cronJobs,
    cronJob({ concurrencyPolicy: 'Maybe' }),
    [
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
  ],
  [
    'a name that leaves no room',
    cronJobs,
    { ...cronJob({}), metadata: { name: 'a'.repeat(53) } },
    [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
  ],
  [
    'a selector in the template',
    cronJobs,
    cronJob({}, { selector: { matchLabels: { a: 'b' } } }),
    [
      `${template0}.selector: Invalid value: {"matchLabels":{"a":"b"}}: \`selector\` will be auto-generated`,
    ],
  ],
  [
    'pods that always restart',
    cronJobs,
    cronJob({}, { template: { spec: { containers: [container], restartPolicy: 'Always' } } }),
    [
      `${template0}.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`,
    ],
  ],
  [
    'fewer at most than at least',
    horizontalPodAutoscalers,
    autoscaler({ minReplicas: 4 }),
    ['spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
  ],
  [
    'none at most',
    horizontalPodAutoscalers,
    autoscaler({ maxReplicas: 0 }),
    [
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    'no target',
    horizontalPodAutoscalers,
    autoscaler({ scaleTargetRef: { kind: '', name: '' } }),
    ['spec.scaleTargetRef.kind: Required value', 'spec.scaleTargetRef.name: Required value'],
  ],
  [
    'a metric without what is measured',
    horizontalPodAutoscalers,
    hpaMetric({ type: 'Pods' }),
    ['spec.metrics[0].pods: Required value: must populate information for the given metric source'],
  ],
  [
    'a target that is nothing',
    horizontalPodAutoscalers,
    hpaMetric({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } },
    }),
    [
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
    ],
  ],
  [
    'a window too long',
    horizontalPodAutoscalers,
    autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 4000 } } }),
    [
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
    ],
  ],
  [
    'neither rules nor a backend',
    ingresses,
    { spec: {} },
    ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    'a path that is none',
    ingresses,
    path({ path: 'a' }),
    [`${at}.path: Invalid value: "a": must be an absolute path`],
  ],
  [
    'a path that climbs',
    ingresses,
    path({ path: '/a/../b' }),
    [`${at}.path: Invalid value: "/a/../b": must not contain '/../'`],
  ],
  [
    'a path of no type',
    ingresses,
    path({ pathType: null }),
    [`${at}.pathType: Required value: pathType must be specified`],
  ],
  [
    'another type',
    ingresses,
    path({ pathType: 'Regex' }),
    [
      `${at}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
    ],
  ],
  [
    'a backend without a port',
    ingresses,
    path({ backend: { service: { name: 'app' } } }),
    [`${at}.backend: Required value: port name or number is required`],
  ],
  [
    'no backend',
    ingresses,
    path({ backend: {} }),
    [`${at}.backend: Invalid value: "": resource or service backend is required`],
  ],
  [
    'an address as host',
    ingresses,
    { spec: { rules: [{ host: '10.0.0.1' }] } },
    ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  ],
  [
    'a star in the middle',
    ingresses,
    { spec: { rules: [{ host: 'a.*.b' }] } },
    [`spec.rules[0].host: Invalid value: "a.*.b": ${wildcardText}`],
  ],
  [
    'a controller without a domain',
    ingressClasses,
    { spec: { controller: 'nginx' } },
    [
      'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
  ],
  [
    'parameters of a namespace without one',
    ingressClasses,
    {
      spec: {
        controller: 'example.com/c',
        parameters: { kind: 'P', name: 'p', scope: 'Namespace' },
      },
    },
    ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ],
  [
    'nobody as peer',
    networkPolicies,
    policy({ ingress: [{ from: [{}] }] }),
    ['spec.ingress[0].from[0]: Required value: must specify a peer'],
  ],
  [
    'a range that is none',
    networkPolicies,
    policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1' } }] }] }),
    [
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'an exception outside',
    networkPolicies,
    policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] }] }),
    [
      'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
    ],
  ],
  [
    'a port too high',
    networkPolicies,
    policy({ ingress: [{ ports: [{ port: 70_000 }] }] }),
    ['spec.ingress[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    'a claim of nothing',
    persistentVolumeClaims,
    { spec: {} },
    [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ],
  ],
  [
    'a claim of no storage, in a mode that there is not',
    persistentVolumeClaims,
    { spec: { accessModes: ['RWO'], resources: { requests: { storage: '0' } } } },
    [
      'spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
  ],
  [
    'a claim for one pod and for many',
    persistentVolumeClaims,
    { spec: { ...claim.spec, accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] } },
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  [
    'a claim from something that has no group',
    persistentVolumeClaims,
    { spec: { ...claim.spec, dataSource: { kind: 'VolumeSnapshot', name: 's' } } },
    [
      `spec.dataSource: Invalid value: "VolumeSnapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
    ],
  ],
  [
    'a local volume that is on no node',
    persistentVolumes,
    volume({ hostPath: null, local: { path: '/data/../x' } }),
    [
      `spec.local.path: Invalid value: "/data/../x": must not contain '..'`,
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
  ],
  [
    'a share without a server',
    persistentVolumes,
    volume({ hostPath: null, nfs: { path: 'data' } }),
    [
      'spec.nfs.server: Required value',
      'spec.nfs.path: Invalid value: "data": must be an absolute path',
    ],
  ],
  [
    'a volume of no kind',
    persistentVolumes,
    volume({ hostPath: null }),
    ['spec: Required value: must specify a volume type'],
  ],
  [
    'a volume of two kinds',
    persistentVolumes,
    volume({ local: { path: '/b' } }),
    ['spec.local: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a volume of no size',
    persistentVolumes,
    volume({ capacity: null }),
    ['spec.capacity: Required value'],
  ],
  [
    'a name of the system',
    priorityClasses,
    { metadata: { name: 'system-x' }, value: 1 },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class",
    ],
  ],
  [
    'a value of the system',
    priorityClasses,
    { value: 1_000_000_001 },
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  ['no provisioner', storageClasses, { provisioner: '' }, ['provisioner: Required value']],
]

test.each(cases)('%s', (_what, resource, object, errors) => {
  expect(createErrors(resource, object)).toEqual(errors)
})

describe('what stays as it is', () => {
  test.each<[string, Resource, JsonObject, JsonObject, readonly string[]]>([
    [
      'the value of a class',
      priorityClasses,
      { value: 2 },
      { value: 1 },
      ['value: Forbidden: may not be changed in an update.'],
    ],
    [
      'the provisioner',
      storageClasses,
      { provisioner: 'a/b' },
      { provisioner: 'a/c' },
      ['provisioner: Forbidden: updates to provisioner are forbidden.'],
    ],
    [
      'the controller',
      ingressClasses,
      { spec: { controller: 'a.b/c' } },
      {
        spec: { controller: 'a.b/d' },
      },
      ['spec.controller: Invalid value: "a.b/c": field is immutable'],
    ],
    [
      'the size of a claim that is not bound',
      persistentVolumeClaims,
      { spec: { ...claim.spec, resources: { requests: { storage: '2Gi' } } } },
      claim,
      [
        'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ],
    ],
    [
      'a claim that wants less than it has',
      persistentVolumeClaims,
      { spec: claim.spec, status: { phase: 'Bound' } },
      {
        spec: { ...claim.spec, resources: { requests: { storage: '4Gi' } } },
        status: { phase: 'Bound', capacity: { storage: '4Gi' } },
      },
      ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
    ],
    [
      'where a volume is',
      persistentVolumes,
      volume({ hostPath: { path: '/b' } }),
      volume(),
      [
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
      ],
    ],
  ])('%s', (_what, resource, next, previous, errors) => {
    expect(updateErrors(resource, next, previous)).toEqual(errors)
  })

  test('a zone that an old schedule has', () => {
    const old = cronJob({ schedule: 'CRON_TZ=UTC 0 3 * * *' })
    expect(updateErrors(cronJobs, old, old)).toEqual([])
  })
})
