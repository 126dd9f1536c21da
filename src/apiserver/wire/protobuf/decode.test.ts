import { describe, expect, it } from 'vitest'
import { decodeProtobuf } from './decode.ts'

type Member = readonly [number: number, value: string | Uint8Array | number]

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn)
    if (rest < 0x80n) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

function message(...members: readonly Member[]): Uint8Array {
  const bytes = members.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(number << 3), ...varint(value)]
    const content = Buffer.from(value)
    return [...varint((number << 3) | 2), ...varint(content.length), ...content]
  })
  return Uint8Array.from(bytes)
}

function body(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  const type = message([1, apiVersion], [2, kind])
  return Buffer.concat([Buffer.from('k8s\0'), message([1, type], [2, raw], [3, ''], [4, ''])])
}

// What kubectl 1.36 sends for `kubectl create configmap c1 --from-literal=a=b`.
const configMap =
  '6b387300' +
  '0a0f0a02763112' +
  '09436f6e6669674d6170' +
  '121c0a120a02633112001a0022002a0032003800420012060a0161120162' +
  '1a002200'

it('reads what kubectl writes, without the zero values of Go', () => {
  expect(decodeProtobuf(Buffer.from(configMap, 'hex'))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c1' },
    data: { a: 'b' },
  })
})

describe('forms of values', () => {
  const decodePod = (spec: Uint8Array) => decodeProtobuf(body('v1', 'Pod', message([2, spec]))).spec
  const container = (...members: readonly Member[]) => decodePod(message([2, message(...members)]))

  it('lists, numbers, negative numbers, pointers to zero', () => {
    const port = message([1, 'http'], [3, 8080])
    expect(container([1, 'app'], [6, port], [6, message([3, 0])])).toMatchObject({
      containers: [
        { name: 'app', ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 0 }] },
      ],
    })
    expect(decodePod(message([4, 0], [25, -5]))).toMatchObject({
      terminationGracePeriodSeconds: 0,
      priority: -5,
    })
  })

  it('quantities, and numbers that may be names', () => {
    const limits = message([1, 'cpu'], [2, message([1, '200m'])])
    const probe = (port: Uint8Array) => message([1, message([2, message([2, port])])], [4, 5])
    const decoded = container(
      [8, message([1, limits])],
      [10, probe(message([1, 0], [2, 8080]))],
      [11, probe(message([1, 1], [3, 'http']))],
    )
    expect(decoded).toMatchObject({
      containers: [
        {
          resources: { limits: { cpu: '200m' } },
          livenessProbe: { httpGet: { port: 8080 }, periodSeconds: 5 },
          readinessProbe: { httpGet: { port: 'http' } },
        },
      ],
    })
  })

  it('members of inlined messages: volumes and references by name', () => {
    const volume = message([1, 'v'], [2, message([19, message([1, message([1, 'cm'])])])])
    expect(decodePod(message([1, volume]))).toMatchObject({
      volumes: [{ name: 'v', configMap: { name: 'cm' } }],
    })
  })

  it('times, bytes and embedded JSON', () => {
    const time = message([1, 1_767_225_600])
    const managed = message([1, 'm'], [4, time], [7, message([1, '{"f:data":{}}'])])
    const secret = message([1, message([8, time], [17, managed])], [2, message([1, 'a'], [2, 'b'])])
    expect(decodeProtobuf(body('v1', 'Secret', secret))).toMatchObject({
      metadata: {
        creationTimestamp: '2026-01-01T00:00:00Z',
        managedFields: [{ manager: 'm', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:data': {} } }],
      },
      data: { a: 'Yg==' },
    })
  })

  it('fields newer than we are, which are dropped', () => {
    expect(decodePod(message([4000, 'x'], [10, 'node']))).toEqual({ nodeName: 'node' })
  })
})

describe('bad bodies are refused with 400', () => {
  const cut = Buffer.from(configMap, 'hex').subarray(0, 40)
  it.each([
    ['no prefix', Buffer.from('{}')],
    ['cut off', cut],
    ['a strange wire type', Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0b])])],
    ['an endless number', Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(12, 0xff)])],
    ['an unknown kind', body('v1', 'Widget', message())],
    ['a number for a message', body('v1', 'ConfigMap', message([1, 5]))],
    ['a text for a number', body('apps/v1', 'Deployment', message([2, message([1, 'x'])]))],
  ])('%s', (_what, bytes) => {
    expect(() => decodeProtobuf(bytes)).toThrow(expect.objectContaining({ reason: 'BadRequest' }))
  })
})
