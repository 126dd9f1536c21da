import { expect, test } from 'vitest'
import type { ContainerPort } from '../../runtime.ts'
import { portEnvironment } from './port-environment.ts'

const port = (containerPort: number, name?: string): ContainerPort => ({
  containerPort,
  name,
  hostPort: undefined,
})

interface Case {
  readonly title: string
  readonly declared: readonly ContainerPort[]
  readonly ports: Readonly<Record<number, number>>
  readonly expected: readonly string[]
}

test.each<Case>([
  {
    title: 'none declared: the default port',
    declared: [],
    ports: { 0: 20_001 },
    expected: ['PORT=20001'],
  },
  {
    title: 'each by name and number, the first is PORT',
    declared: [port(80, 'http-main'), port(9_090)],
    ports: { 80: 20_001, 9090: 20_002 },
    expected: ['PORT=20001', 'PORT_HTTP_MAIN=20001', 'PORT_80=20001', 'PORT_9090=20002'],
  },
])('$title', ({ declared, ports, expected }) => {
  const env = portEnvironment(declared, ports).map(({ name, value }) => `${name}=${value}`)
  expect(env).toEqual(expected)
})
