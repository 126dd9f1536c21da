import { describe, expect, test } from 'vitest'
import { fieldFindings } from './field-findings.ts'
import { modelSchema } from './schema.ts'

const findings = (text: string) => fieldFindings(modelSchema('Deployment'), text)
const container = (members: string) =>
  `{"spec":{"template":{"spec":{"containers":[{"name":"a"},{${members}}]}}}}`

describe('A-25 unknown and duplicate fields', () => {
  test.each([
    ['nothing', '{"kind":"Deployment","spec":{"replicas":1}}', []],
    ['top level', '{"unknown1":"v"}', ['unknown field "unknown1"']],
    ['nested', '{"spec":{"foo":1}}', ['unknown field "spec.foo"']],
    ['in a list', container('"nope":1'), ['unknown field "spec.template.spec.containers[1].nope"']],
    [
      'duplicate in a list',
      container('"image":"x","image":"y"'),
      ['duplicate field "spec.template.spec.containers[1].image"'],
    ],
    [
      'duplicate in a map',
      '{"metadata":{"labels":{"a.b/c":"1","a.b/c":"2"}}}',
      ['duplicate field "metadata.labels.a.b/c"'],
    ],
    [
      'S-37',
      '{"metadata":{"kubernetes.io/change-cause":"x"}}',
      ['unknown field "metadata.kubernetes.io/change-cause"'],
    ],
    ['unknown twice', '{"foo":1,"foo":2}', ['unknown field "foo"']],
    [
      'inside an unknown field',
      '{"foo":{"a":1,"a":2,"bar":[{"b":"]}"}]}}',
      ['unknown field "foo"'],
    ],
    ['three times', '{"kind":"a","kind":"b","kind":"c"}', ['duplicate field "kind"']],
    ['case matters', '{"spec":{"Replicas":1}}', ['unknown field "spec.Replicas"']],
    [
      'escaped key',
      '{"spec":{"\\u0072eplicas":1,"replicas":2}}',
      ['duplicate field "spec.replicas"'],
    ],
    [
      'hostile keys',
      '{"__proto__":{},"constructor":{},"toString":1}',
      ['unknown field "__proto__"', 'unknown field "constructor"', 'unknown field "toString"'],
    ],
    [
      'order of the text',
      '{"spec":{"paused":true,"unknownDupe":1,"unknownDupe":2,"paused":false},"unknown1":0}',
      [
        'unknown field "spec.unknownDupe"',
        'duplicate field "spec.paused"',
        'unknown field "unknown1"',
      ],
    ],
    ['strings that look like structure', '{"metadata":{"annotations":{"a":"}],\\"b\\":{"}}}', []],
    [
      'space everywhere',
      ' {\n"spec" : {\t"foo" :\r\n [ 1 , 2 ] , "paused" : true } } ',
      ['unknown field "spec.foo"'],
    ],
  ])('%s', (_name, text, expected) => {
    JSON.parse(text)
    expect(findings(text)).toEqual(expected)
  })

  test('free-form JSON is not looked into', () => {
    const text = '{"data":{"a":1,"a":2,"anything":[]},"revision":1}'
    expect(fieldFindings(modelSchema('ControllerRevision'), text)).toEqual([])
  })

  test('the first hundred are enough', () => {
    const members = Array.from({ length: 300 }, (_, i) => `"x${i}":1`).join(',')
    expect(findings(`{${members}}`)).toHaveLength(100)
  })

  test('any depth of what is skipped', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    expect(findings(`{"foo":${deep},"bar":1}`)).toEqual([
      'unknown field "foo"',
      'unknown field "bar"',
    ])
  })
})
