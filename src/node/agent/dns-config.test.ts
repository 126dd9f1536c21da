import { expect, test } from 'vitest'
import type { Pod } from '../../api/generated/types.ts'
import { parseResolution, resolutionOf } from './dns-config.ts'

const machine = parseResolution(
  '# made by somebody\nnameserver 192.0.2.1\nsearch example.org\noptions timeout:1\n',
)
const address = '10.96.0.10'

function resolve(spec: Partial<NonNullable<Pod['spec']>>, server: string | null = address) {
  const metadata = { name: 'p', namespace: 'shop' }
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [], ...spec } }
  return resolutionOf(pod, { domain: 'cluster.local', server: () => server ?? undefined }, machine)
}

const cluster = {
  servers: ['10.96.0.10'],
  searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.org'],
  options: ['ndots:5'],
}

// The rules are those of the Kubernetes documentation, "DNS for Services and Pods".
test('ClusterFirst: the cluster first, with the machine’s search domains behind its own', () => {
  expect(resolve({ dnsPolicy: 'ClusterFirst' })).toEqual(cluster)
  expect(resolve({})).toEqual(cluster)
})

test('on the machine’s network only ClusterFirstWithHostNet means the cluster', () => {
  expect(resolve({ hostNetwork: true, dnsPolicy: 'ClusterFirst' })).toBeUndefined()
  expect(resolve({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toEqual(cluster)
})

test('Default, or no DNS that listens: as the machine has it', () => {
  expect(resolve({ dnsPolicy: 'Default' })).toBeUndefined()
  expect(resolve({}, null)).toBeUndefined()
})

test('None: what the pod says itself', () => {
  const dnsConfig = {
    nameservers: ['192.0.2.9'],
    searches: ['ns1.svc.example'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  }
  expect(resolve({ dnsPolicy: 'None', dnsConfig })).toEqual({
    servers: ['192.0.2.9'],
    searches: ['ns1.svc.example'],
    options: ['ndots:2', 'edns0'],
  })
})

test('dnsConfig adds servers and domains; an option replaces its namesake', () => {
  const dnsConfig = {
    nameservers: ['10.96.0.10', '192.0.2.9'],
    searches: ['cluster.local', 'more.example'],
    options: [{ name: 'ndots', value: '2' }],
  }
  expect(resolve({ dnsConfig })).toEqual({
    servers: ['10.96.0.10', '192.0.2.9'],
    searches: [...cluster.searches, 'more.example'],
    options: ['ndots:2'],
  })
})
