import { describe, expect, test } from 'vitest'
import {
  compileLabelMap,
  compileLabelSelector,
  type Labels,
  matchesLabels,
  parseLabelSelector,
} from './labels.ts'

const app = { app: 'web', tier: 'front', weight: '7' }

describe('H-11: what a selector text selects', () => {
  const cases: readonly (readonly [string, Labels, boolean])[] = [
    ['', {}, true],
    ['app=web', app, true],
    ['app==web', app, true],
    ['app=api', app, false],
    ['app!=api', app, true],
    ['app!=api', {}, true],
    ['app!=web', app, false],
    ['app in (web,api)', app, true],
    ['app in (api)', app, false],
    ['app in (web)', {}, false],
    ['app notin (api)', app, true],
    ['app notin (api)', {}, true],
    ['app notin (web)', app, false],
    ['app', app, true],
    ['zone', app, false],
    ['!zone', app, true],
    ['!app', app, false],
    ['weight>5', app, true],
    ['weight>7', app, false],
    ['weight<8', app, true],
    ['app>5', app, false],
    ['zone<5', app, false],
    ['weight<9223372036854775807', app, true],
    ['app=web,tier=front', app, true],
    ['app=web, tier = back', app, false],
    ['app=', { app: '' }, true],
    ['app=', {}, false],
    ['app in (web,,x)', { app: '' }, true],
    ['constructor', {}, false],
    ['toString=x', {}, false],
    ['in in (in,notin)', { in: 'notin' }, true],
    ['example.com/role=a', { 'example.com/role': 'a' }, true],
  ]
  test.each(cases)('%j on %j: %j', (text, labels, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected)
  })
})

describe('H-11: canonical text', () => {
  const cases = [
    ['tier in (b,a), name=app', 'name=app,tier in (a,b)'],
    ['b,!a', '!a,b'],
    ['x!=1,w==2', 'w==2,x!=1'],
    ['w > 1,v<2', 'v<2,w>1'],
    ['k notin ( b , a , b )', 'k notin (a,b)'],
  ] as const
  test.each(cases)('%j -> %j', (text, canonical) => {
    expect(parseLabelSelector(text).text).toBe(canonical)
  })

  test('of an object selector, expressions and all', () => {
    const matcher = compileLabelSelector({
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['b', 'a'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'new', operator: 'Exists' },
        { key: 'env', operator: 'NotIn', values: ['dev'] },
      ],
      matchLabels: { name: 'app' },
    })
    expect(matcher.text).toBe('env notin (dev),name=app,new,!old,tier in (a,b)')
  })
})

describe('H-11: what is not a selector is refused with upstream text', () => {
  const cases = [
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    [
      'a>b',
      `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      'a=-',
      `unable to parse requirement: values[0][a]: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
    [
      '/a=b',
      'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty',
    ],
  ] as const
  test.each(cases)('%j', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(
      expect.objectContaining({ reason: 'BadRequest', message }),
    )
  })
})

test('an absent selector selects nothing, an empty one everything', () => {
  expect(matchesLabels(undefined, app)).toBe(false)
  expect(matchesLabels({}, app)).toBe(true)
  expect(matchesLabels({}, undefined)).toBe(true)
  expect(compileLabelSelector({}).isEmpty).toBe(true)
  expect(compileLabelSelector(undefined).isEmpty).toBe(false)
})

test("a Service's empty selector selects nothing", () => {
  expect(compileLabelMap({}).matches(app)).toBe(false)
  expect(compileLabelMap(undefined).matches(app)).toBe(false)
  expect(compileLabelMap({ app: 'web' }).matches(app)).toBe(true)
})
