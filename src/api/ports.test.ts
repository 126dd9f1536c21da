import { describe, expect, test } from 'vitest'
import type { Container, Pod } from './generated/types.ts'
import { portsAnnotation } from './names.ts'
import { portMapOf, portMapText, resolvePort } from './ports.ts'

function pod(containers: readonly Container[], annotation?: string): Pod {
  const metadata =
    annotation === undefined ? {} : { annotations: { [portsAnnotation]: annotation } }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } }
}

const web: Container = {
  name: 'web',
  ports: [
    { name: 'http', containerPort: 8080 },
    { name: 'admin', containerPort: 9000, hostPort: 9443 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
}
const mesh: Container = { name: 'mesh', ports: [{ name: 'http', containerPort: 15000 }] }
const silent: Container = { name: 'app' }

const declaring = pod([web, mesh], '{"8080":20001,"53":20002,"15000":20003}')
const declaringNone = pod([silent], '{"0":20009}')
const ownNetwork = pod([web])

describe('process pods: declared ports are mapped', () => {
  test.each([
    ['by number', 8080, {}, 20001],
    ['by name', 'http', {}, 20001],
    ['by name in a container', 'http', { container: 'mesh' }, 20003],
    ['by name and protocol', 'dns', { protocol: 'UDP' }, 20002],
    ['wrong protocol', 'dns', { protocol: 'TCP' }, undefined],
    ['absent protocol means TCP', 'http', { protocol: 'TCP' }, 20001],
    ['explicit hostPort as it is', 9000, {}, 9443],
    ['explicit hostPort by name', 'admin', {}, 9443],
    ['undeclared number', 1234, {}, 1234],
    ['undeclared name', 'grpc', {}, undefined],
    ['name of another container', 'admin', { container: 'mesh' }, undefined],
  ])('%s', (...[, target, scope, real]) => {
    expect(resolvePort(declaring, target, scope)).toBe(real)
  })
})

describe('process pods that declare no port: any number means the default port', () => {
  test.each([80, 8080, 65535])('%i', (target) => {
    expect(resolvePort(declaringNone, target)).toBe(20009)
  })
  test('but a name means nothing', () => {
    expect(resolvePort(declaringNone, 'http')).toBeUndefined()
  })
})

describe('pods with a network of their own', () => {
  test.each([
    [8080, 8080],
    ['http', 8080],
    ['admin', 9000],
    [7777, 7777],
    ['none', undefined],
  ])('%s', (target, real) => {
    expect(resolvePort(ownNetwork, target)).toBe(real)
  })
})

describe('the annotation', () => {
  test.each(['', 'x', '[]', '"8080"', 'null', '{'])('%j counts as none', (text) => {
    expect(portMapOf(pod([web], text))).toBeUndefined()
  })

  test('members that are no ports are left out', () => {
    const text = '{"8080":20001,"a":1,"81":0,"82":65536,"83":"9","84":1.5,"__proto__":7}'
    expect([...(portMapOf(pod([web], text)) ?? [])]).toEqual([[8080, 20001]])
  })

  test('reads back what it wrote, whatever the order', () => {
    const entries: [number, number][] = [
      [15000, 3],
      [0, 1],
      [8080, 2],
    ]
    const text = portMapText(new Map(entries))
    expect(text).toBe('{"0":1,"8080":2,"15000":3}')
    expect(portMapText(new Map(entries.reverse()))).toBe(text)
    expect(portMapOf(pod([], text))).toEqual(new Map(entries))
  })
})
