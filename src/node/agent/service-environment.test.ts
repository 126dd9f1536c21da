import { expect, test } from 'vitest'
import type { Service } from '../../api/generated/types.ts'
import { serviceEnvironment } from './service-environment.ts'

function service(name: string, spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec }
}

// The names and the example are those of the Kubernetes documentation ("Service", "Discovering
// services").
test('a Service is told as upstream tells it', () => {
  const redis = service('redis-primary', {
    clusterIP: '10.0.0.11',
    ports: [{ port: 6379, protocol: 'TCP' }],
  })
  expect(serviceEnvironment([redis]).map(({ name, value }) => `${name}=${value}`)).toEqual([
    'REDIS_PRIMARY_SERVICE_HOST=10.0.0.11',
    'REDIS_PRIMARY_SERVICE_PORT=6379',
    'REDIS_PRIMARY_PORT=tcp://10.0.0.11:6379',
    'REDIS_PRIMARY_PORT_6379_TCP=tcp://10.0.0.11:6379',
    'REDIS_PRIMARY_PORT_6379_TCP_PROTO=tcp',
    'REDIS_PRIMARY_PORT_6379_TCP_PORT=6379',
    'REDIS_PRIMARY_PORT_6379_TCP_ADDR=10.0.0.11',
  ])
})

test('named ports have a variable each, the first is the Service port', () => {
  const web = service('web', {
    clusterIP: '10.0.0.12',
    ports: [
      { name: 'http', port: 80 },
      { name: 'dns-udp', port: 53, protocol: 'UDP' },
    ],
  })
  const values = new Map(serviceEnvironment([web]).map(({ name, value }) => [name, value]))
  expect(values.get('WEB_SERVICE_PORT')).toBe('80')
  expect(values.get('WEB_SERVICE_PORT_HTTP')).toBe('80')
  expect(values.get('WEB_SERVICE_PORT_DNS_UDP')).toBe('53')
  expect(values.get('WEB_PORT')).toBe('tcp://10.0.0.12:80')
  expect(values.get('WEB_PORT_53_UDP')).toBe('udp://10.0.0.12:53')
})

test('what has no address of its own is left out', () => {
  const ports = [{ port: 80 }]
  const headless = service('headless', { clusterIP: 'None', ports })
  const external = service('external', { type: 'ExternalName', externalName: 'example.org' })
  expect(serviceEnvironment([headless, external])).toEqual([])
})
