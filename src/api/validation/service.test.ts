import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json.ts'
import { services } from '../scheme.ts'
import { createErrors, statusErrors, updateErrors, warnings } from './errors-of.fixture.ts'

const web = { port: 80 }
const service = (changes: JsonObject = {}): JsonObject => ({ spec: { ports: [web], ...changes } })
const allocated = (ip: string, changes: JsonObject = {}): JsonObject =>
  service({ clusterIP: ip, clusterIPs: [ip], ipFamilies: ['IPv4'], ...changes })
const external = { type: 'ExternalName', externalName: 'example.com' }

describe('A-47: on create', () => {
  const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['a good one', service({ selector: { app: 'x' } }), []],
    ['no ports', service({ ports: [] }), ['spec.ports: Required value']],
    ['no ports, but headless', allocated('None', { ports: [] }), []],
    ['no ports, but elsewhere', service({ ...external, ports: [] }), []],
    [
      'several ports without names',
      service({ ports: [web, { port: 81, name: 'b' }] }),
      ['spec.ports[0].name: Required value'],
    ],
    [
      'ports of one name, of one number, and out of range',
      service({
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'a' },
          { port: 0, name: 'b', targetPort: 'Web' },
        ],
      }),
      [
        'spec.ports[1].name: Duplicate value: "a"',
        'spec.ports[2].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ports[2].targetPort: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      'one number for two protocols',
      service({
        ports: [
          { port: 53, name: 'a' },
          { port: 53, name: 'b', protocol: 'UDP' },
        ],
      }),
      [],
    ],
    [
      'a type that does not exist',
      service({ type: 'Cloud' }),
      [
        'spec.type: Unsupported value: "Cloud": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    [
      'a nodePort on ClusterIP',
      service({ ports: [{ port: 80, nodePort: 30080 }] }),
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'a nodePort twice',
      service({
        type: 'NodePort',
        ports: [
          { port: 80, nodePort: 30080, name: 'a' },
          { port: 81, nodePort: 30080, name: 'b' },
        ],
      }),
      ['spec.ports[1].nodePort: Duplicate value: 30080'],
    ],
    [
      'headless and NodePort',
      allocated('None', { type: 'NodePort' }),
      [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
    ],
    [
      'ExternalName without a name, with an address',
      allocated('10.0.0.1', { type: 'ExternalName', ports: [] }),
      [
        'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
        'spec.externalName: Required value',
      ],
    ],
    [
      'addresses that are none, or do not agree',
      service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.300'] }),
      [
        'spec.clusterIPs: Invalid value: ["10.0.0.300"]: first value must match `clusterIP`',
        'spec.clusterIPs[0]: Invalid value: "10.0.0.300": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      'session affinity',
      service({ sessionAffinity: 'Cookie' }),
      ['spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"'],
    ],
    [
      'how long a session lasts',
      service({
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } },
      }),
      [
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400',
      ],
    ],
    [
      'an external policy without anything external',
      service({ externalTrafficPolicy: 'Local' }),
      [
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      ],
    ],
    [
      'what belongs to load balancers',
      service({ allocateLoadBalancerNodePorts: true, loadBalancerClass: 'a.b/c' }),
      [
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ],
    ],
  ]
  test.each(cases)('%s', (_name, manifest, expected) => {
    expect(createErrors(services, manifest)).toEqual(expected)
  })
})

describe('A-47: on update', () => {
  const once = 'may not change once set'
  const cases: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
    ['the address stays', allocated('10.0.0.1'), allocated('10.0.0.1'), []],
    [
      'another address',
      allocated('10.0.0.2'),
      allocated('10.0.0.1'),
      [`spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: ${once}`],
    ],
    [
      'no address any more',
      service(),
      allocated('10.0.0.1'),
      ['spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset'],
    ],
    ['from ExternalName', allocated('10.0.0.1'), service({ ...external, ports: [] }), []],
    ['to ExternalName', service({ ...external, ports: [] }), allocated('10.0.0.1'), []],
    [
      'another type',
      allocated('10.0.0.1', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }),
      allocated('10.0.0.1'),
      [],
    ],
  ]
  test.each(cases)('%s', (...[, next, previous, expected]) => {
    expect(updateErrors(services, next, previous)).toEqual(expected)
  })
})

test('an ingress belongs to a load balancer', () => {
  const status = { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } }
  const balanced = service({ type: 'LoadBalancer' })
  expect(statusErrors(services, { ...service(), status }, service())).toEqual([
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ])
  const vip = { loadBalancer: { ingress: [{ ip: '127.0.0.1', ipMode: 'VIP' }] } }
  expect(statusErrors(services, { ...balanced, status: vip }, balanced)).toEqual([])
})

test('H-21: what is ignored is told', () => {
  expect(warnings(services, service({ externalName: 'a.b' }))).toEqual([
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ])
  expect(warnings(services, service())).toEqual([])
})
