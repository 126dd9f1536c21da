import { expect, test } from 'vitest'
import type { ContainerPort } from '../../runtime.ts'
import { portEnvironment } from './port-environment.ts'

const port = (containerPort: number, name?: string): ContainerPort => ({
  containerPort,
  name,
  hostPort: undefined,
})

test.each<[string, ContainerPort[], Record<number, number>, string[]]>([
  ['none declared: the default port', [], { 0: 20_001 }, ['PORT=20001']],
  [
    'each by name and number, the first is PORT',
    [port(80, 'http-main'), port(9_090)],
    { 80: 20_001, 9090: 20_002 },
    ['PORT=20001', 'PORT_HTTP_MAIN=20001', 'PORT_80=20001', 'PORT_9090=20002'],
  ],
  ['no ports at all', [], {}, []],
])('%s', (_, declared, ports, expected) => {
  const env = portEnvironment(declared, ports).map(({ name, value }) => `${name}=${value}`)
  expect(env).toEqual(expected)
})
