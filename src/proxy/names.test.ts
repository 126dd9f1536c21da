import { expect, test } from 'vitest'
import type { EndpointSlice, Service } from '../api/generated/types.ts'
import { namesOf } from './names.ts'

function service(name: string, spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec }
}

function slice(endpoints: EndpointSlice['endpoints']): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'x', namespace: 'shop' },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  }
}

const noSlices = () => []

test('a Service with an address: A, PTR, and SRV for its named ports', () => {
  const web = service('web', {
    clusterIP: '10.96.3.7',
    ports: [{ name: 'http', port: 80 }, { name: 'dns', port: 53, protocol: 'UDP' }, { port: 81 }],
  })
  const name = 'web.shop.svc.cluster.local'
  expect(namesOf([web], noSlices)).toEqual({
    [name]: { addresses: ['10.96.3.7'] },
    '7.3.96.10.in-addr.arpa': { pointer: name },
    [`_http._tcp.${name}`]: { servers: [{ port: 80, target: name }] },
    [`_dns._udp.${name}`]: { servers: [{ port: 53, target: name }] },
  })
})

test('a headless one: its ready endpoints, each under a name of its own', () => {
  const db = service('db', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] })
  const name = 'db.shop.svc.cluster.local'
  const slices = [
    slice([
      { addresses: ['10.1.0.1'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.1.0.2'], conditions: {} },
      { addresses: ['10.1.0.3'], conditions: { ready: false } },
    ]),
  ]
  const names = namesOf([db], (key) => (key === 'shop/db' ? slices : []))
  expect(names[name]).toEqual({ addresses: ['10.1.0.1', '10.1.0.2'] })
  expect(names[`db-0.${name}`]).toEqual({ addresses: ['10.1.0.1'] })
  expect(names[`10-1-0-2.${name}`]).toEqual({ addresses: ['10.1.0.2'] })
  expect(names[`_http._tcp.${name}`]?.servers).toEqual([
    { port: 8080, target: `db-0.${name}` },
    { port: 8080, target: `10-1-0-2.${name}` },
  ])
  expect(Object.keys(names)).toHaveLength(4)
})

test('an ExternalName is another name', () => {
  const mail = service('mail', { type: 'ExternalName', externalName: 'mail.example.org.' })
  expect(namesOf([mail], noSlices)).toEqual({
    'mail.shop.svc.cluster.local': { alias: 'mail.example.org' },
  })
})
