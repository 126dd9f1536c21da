import { expect, it } from 'vitest'
import type { ContainerPort, Pod } from './generated/types.ts'
import { hasHostPortClash } from './host-ports.ts'

function podWith(...ports: readonly Partial<ContainerPort>[]): Pod {
  const given = ports.map((port) => ({ containerPort: 80, ...port }))
  const containers = [{ name: 'app', image: 'app:1', ports: given }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } }
}

it.each([
  [{ hostPort: 80 }, { hostPort: 80 }, true],
  [{ hostPort: 80 }, { hostPort: 81 }, false],
  [{}, {}, false],
  [{ hostPort: 80, protocol: 'UDP' }, { hostPort: 80 }, false],
  [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, false],
  [{ hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80 }, true],
  [{ hostPort: 80 }, { hostPort: 80, hostIP: '10.0.0.1' }, true],
])('I-20: %j beside %j: a clash is %s', (wanted, taken, expected) => {
  expect(hasHostPortClash(podWith(wanted), [podWith({}, taken)])).toBe(expected)
})
