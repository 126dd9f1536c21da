import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { pods } from '../scheme.ts'
import {
  container,
  createErrors,
  pod,
  statusErrors,
  updateErrors,
  warnings,
} from './errors-of.fixture.ts'

const withContainer = (changes: JsonObject) => pod({ containers: [{ ...container, ...changes }] })
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

type Case = readonly [string, JsonObject, readonly string[]]

describe('A-45: containers', () => {
  const cases: readonly Case[] = [
    ['a good pod', pod(), []],
    ['none', pod({ containers: [] }), ['spec.containers: Required value']],
    [
      'a name that is no DNS label',
      withContainer({ name: 'A_b' }),
      [`spec.containers[0].name: Invalid value: "A_b": ${label}`],
    ],
    [
      'twice the same name',
      pod({ containers: [container, container] }),
      ['spec.containers[1].name: Duplicate value: "c"'],
    ],
    [
      'an init container with the name of a container',
      pod({ initContainers: [container] }),
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    ['no image', withContainer({ image: '' }), ['spec.containers[0].image: Required value']],
    [
      'an image with white space',
      withContainer({ image: ' i' }),
      [
        'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
      ],
    ],
    [
      'a port out of range',
      withContainer({ ports: [{ containerPort: 70000 }] }),
      [
        'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      'names of ports',
      withContainer({
        ports: [
          { containerPort: 1, name: 'web' },
          { containerPort: 2, name: 'web' },
          { containerPort: 3, name: '-1-' },
          { containerPort: 4, protocol: 'HTTP' },
        ],
      }),
      [
        'spec.containers[0].ports[1].name: Duplicate value: "web"',
        'spec.containers[0].ports[2].name: Invalid value: "-1-": must contain at least one letter (a-z)',
        'spec.containers[0].ports[2].name: Invalid value: "-1-": must not begin or end with a hyphen',
        'spec.containers[0].ports[3].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
      ],
    ],
    [
      'a host port twice',
      withContainer({
        ports: [
          { containerPort: 1, hostPort: 80 },
          { containerPort: 2, hostPort: 80 },
        ],
      }),
      ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
    ],
    [
      'a pull policy that does not exist',
      withContainer({ imagePullPolicy: 'Sometimes' }),
      [
        'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
    [
      'requests above limits, negative, and of nothing known',
      withContainer({
        resources: { limits: { cpu: '1' }, requests: { cpu: '1500m', memory: '-1', disk: '1' } },
      }),
      [
        'spec.containers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1',
        'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers',
      ],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(pods, manifest)).toEqual(expected)
  })
})

describe('A-45: environment', () => {
  const sources =
    '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  const cases: readonly Case[] = [
    [
      'names',
      withContainer({ env: [{ name: '' }, { name: 'a=b' }, { name: '1-of.any' }] }),
      [
        'spec.containers[0].env[0].name: Required value',
        `spec.containers[0].env[1].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      ],
    ],
    [
      'where values come from',
      withContainer({
        env: [
          { name: 'A', valueFrom: {} },
          { name: 'B', value: 'x', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } },
          { name: 'C', valueFrom: { fieldRef: { fieldPath: 'spec.priority' } } },
          { name: 'D', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        ],
      }),
      [
        `spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: ${sources}`,
        'spec.containers[0].env[1].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        'spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Invalid value: "spec.priority": error converting fieldPath: field label not supported: spec.priority',
      ],
    ],
    [
      'envFrom',
      withContainer({ envFrom: [{}, { configMapRef: {} }] }),
      [
        'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
        'spec.containers[0].envFrom[1].configMapRef.name: Required value',
      ],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(pods, manifest)).toEqual(expected)
  })
})

describe('A-45: probes and hooks', () => {
  const tcpSocket = { port: 80 }
  const cases: readonly Case[] = [
    [
      'no handler, or two',
      withContainer({
        livenessProbe: {},
        readinessProbe: { tcpSocket, exec: { command: ['true'] } },
      }),
      [
        'spec.containers[0].livenessProbe: Required value: must specify a handler type',
        'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      ],
    ],
    [
      'thresholds',
      withContainer({
        livenessProbe: { tcpSocket, successThreshold: 2 },
        startupProbe: { tcpSocket, successThreshold: 3 },
        readinessProbe: { tcpSocket, successThreshold: 4, periodSeconds: -1 },
      }),
      [
        'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
        'spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.containers[0].startupProbe.successThreshold: Invalid value: 3: must be 1',
      ],
    ],
    [
      'ports and commands',
      withContainer({
        livenessProbe: { httpGet: { port: 0 } },
        readinessProbe: { httpGet: { port: 'Web', scheme: 'FTP' } },
        lifecycle: { preStop: { exec: {} } },
      }),
      [
        'spec.containers[0].lifecycle.preStop.exec.command: Required value',
        'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.containers[0].readinessProbe.httpGet.port: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
      ],
    ],
    [
      'a sleep longer than the grace period',
      withContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
      [
        'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
      ],
    ],
    [
      'only sidecars among the init containers are probed',
      pod({ initContainers: [{ name: 'i', image: 'i', readinessProbe: { tcpSocket } }] }),
      [
        'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(pods, manifest)).toEqual(expected)
  })
})

describe('A-45: volumes', () => {
  const mount = { name: 'v', mountPath: '/v' }
  const cases: readonly Case[] = [
    [
      'a mount of nothing',
      withContainer({ volumeMounts: [mount] }),
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      'two volumes of a name, and two kinds in one',
      pod({
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'v', emptyDir: {} },
          { name: 'w', emptyDir: {}, hostPath: { path: '/x' } },
        ],
      }),
      [
        'spec.volumes[1].name: Duplicate value: "v"',
        'spec.volumes[2].hostPath: Forbidden: may not specify more than 1 volume type',
      ],
    ],
    [
      'what volumes need',
      pod({
        volumes: [
          { name: 'a', configMap: {} },
          { name: 'b', secret: { secretName: 's', defaultMode: 512 } },
          { name: 'c', hostPath: { path: '/../x' } },
          { name: 'd', configMap: { name: 'm', items: [{ key: 'k', path: '/abs' }] } },
        ],
      }),
      [
        'spec.volumes[0].configMap.name: Required value',
        'spec.volumes[1].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
        `spec.volumes[2].hostPath.path: Invalid value: "/../x": must not contain '..'`,
        'spec.volumes[3].configMap.items[0].path: Invalid value: "/abs": must be a relative path',
      ],
    ],
    [
      'two mounts at one path',
      pod({
        containers: [{ ...container, volumeMounts: [mount, mount] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      }),
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(pods, manifest)).toEqual(expected)
  })
})

describe('A-45: the pod as a whole', () => {
  const cases: readonly Case[] = [
    [
      'words',
      pod({ restartPolicy: 'Maybe', dnsPolicy: 'Mine' }),
      [
        'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
        'spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      ],
    ],
    [
      'tolerations',
      pod({ tolerations: [{ operator: 'Equal' }, { key: 'a', operator: 'Exists', value: 'b' }] }),
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        `spec.tolerations[1].operator: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`,
      ],
    ],
    [
      'affinity',
      pod({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
          },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 0, podAffinityTerm: { topologyKey: 'a' } },
            ],
          },
        },
      }),
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
      ],
    ],
    [
      'users and seccomp',
      pod({ securityContext: { runAsUser: -1, seccompProfile: { type: 'Localhost' } } }),
      [
        'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      ],
    ],
    [
      'a deadline',
      pod({ activeDeadlineSeconds: 0 }),
      ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
    ],
    [
      'C-08 a deletion cost',
      {
        ...pod(),
        metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': 'a' } },
      },
      [
        'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "a": must be a 32bit integer',
      ],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(pods, manifest)).toEqual(expected)
  })
})

describe('A-46: what of a pod may change', () => {
  const fixed =
    'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
  const toleration = { key: 'a', operator: 'Exists' }
  const cases: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
    ['an image', withContainer({ image: 'other' }), pod(), []],
    ['a further toleration', pod({ tolerations: [toleration] }), pod(), []],
    [
      'no toleration less',
      pod(),
      pod({ tolerations: [toleration] }),
      [
        'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
      ],
    ],
    [
      'no further container',
      pod({ containers: [container, { name: 'd', image: 'i' }] }),
      pod(),
      ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
    [
      'a shorter deadline',
      pod({ activeDeadlineSeconds: 5 }),
      pod({ activeDeadlineSeconds: 9 }),
      [],
    ],
    [
      'no longer deadline',
      pod({ activeDeadlineSeconds: 9 }),
      pod({ activeDeadlineSeconds: 5 }),
      [
        'spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value',
      ],
    ],
    [
      'nothing else',
      pod({ schedulerName: 'mine' }),
      pod(),
      [
        `spec: Forbidden: ${fixed}\n- schedulerName: "default-scheduler"\n+ schedulerName: "mine"\n`,
      ],
    ],
    [
      'a negative grace period, to 1',
      pod({ terminationGracePeriodSeconds: 1 }),
      pod({ terminationGracePeriodSeconds: -5 }),
      [],
    ],
  ]
  test.each(cases)('%s', (...[, next, previous, expected]) => {
    expect(updateErrors(pods, next, previous)).toEqual(expected)
  })
})

test('a container that ended for good stays ended', () => {
  const withState = (state: JsonObject) => ({
    ...pod({ restartPolicy: 'Never' }),
    status: { containerStatuses: [{ name: 'c', image: 'i', imageID: '', state }] },
  })
  const ended = withState({ terminated: { exitCode: 0 } })
  const running = withState({ running: {} })
  expect(statusErrors(pods, running, ended)).toEqual([
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ])
  expect(statusErrors(pods, ended, running)).toEqual([])
})

test('H-21: what is allowed and probably a mistake', () => {
  const port = { containerPort: 80, name: 'web' }
  const manifest = pod({
    terminationGracePeriodSeconds: -1,
    containers: [
      {
        ...container,
        ports: [port],
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      { name: 'd', image: 'i', ports: [port] },
    ],
  })
  expect(createErrors(pods, manifest)).toEqual([])
  expect(warnings(pods, manifest)).toEqual([
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    'spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]',
    'spec.containers[1].ports[0]: duplicate port name "web" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ])
})
