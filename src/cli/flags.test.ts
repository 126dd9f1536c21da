import { describe, expect, it } from 'vitest'
import { type FlagSpec, parseFlags } from './flags.ts'

const specs: readonly FlagSpec[] = [
  { name: 'namespace', short: 'n', kind: 'text', help: '' },
  { name: 'follow', short: 'f', kind: 'boolean', help: '' },
  { name: 'all', short: 'A', kind: 'boolean', help: '' },
  { name: 'wait', kind: 'boolean', fallback: 'true', help: '' },
  { name: 'cascade', kind: 'text', alone: 'background', fallback: 'none', help: '' },
  { name: 'label', short: 'L', kind: 'list', help: '' },
  { name: 'tail', kind: 'integer', fallback: '-1', help: '' },
  { name: 'since', kind: 'duration', help: '' },
]

describe('flags are read as upstream reads them', () => {
  it.each<[string, string, readonly string[]]>([
    ['-n x get', 'namespace=x', ['get']],
    ['get -nx', 'namespace=x', ['get']],
    ['-n=x', 'namespace=x', []],
    ['--namespace x --namespace=y', 'namespace=x namespace=y', []],
    ['-fA a', 'follow=true all=true', ['a']],
    ['-fnx', 'follow=true namespace=x', []],
    ['-fn x', 'follow=true namespace=x', []],
    ['-f=false', 'follow=false', []],
    ['--wait=0 a', 'wait=0', ['a']],
    ['--cascade orphan', 'cascade=background', ['orphan']],
    ['--cascade=orphan', 'cascade=orphan', []],
    ['--namespace -f', 'namespace=-f', []],
    ['a -- -n x', '', ['a', '-n', 'x']],
    ['- -f', 'follow=true', ['-']],
    ['--since 1m30s', 'since=1m30s', []],
  ])('%s', (line, uses, operands) => {
    const flags = parseFlags(specs, line.split(' '))
    expect(flags.uses.map(({ spec, value }) => `${spec.name}=${value}`).join(' ')).toBe(uses)
    expect(flags.operands).toEqual(operands)
  })

  it.each([
    ['--foo', 'unknown flag: --foo'],
    ['-fx', "unknown shorthand flag: 'x' in -x"],
    ['-n', "flag needs an argument: 'n' in -n"],
    ['--namespace', 'flag needs an argument: --namespace'],
    [
      '--wait=x',
      'invalid argument "x" for "--wait" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    [
      '--tail=x',
      'invalid argument "x" for "--tail" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    ['--since=x', 'invalid argument "x" for "--since" flag: time: invalid duration "x"'],
    ['--since=5', 'invalid argument "5" for "--since" flag: time: missing unit in duration "5"'],
  ])('%s is refused', (line, message) => {
    expect(() => parseFlags(specs, line.split(' '))).toThrow(message)
  })

  it('gives values, fallbacks and nothing', () => {
    const flags = parseFlags(specs, ['-L', 'a,b', '--label=c', '--since=1h0.5s', '--wait=f'])
    expect(flags.list('label')).toEqual(['a', 'b', 'c'])
    expect(flags.duration('since')).toBe(3_600_500)
    expect(flags.boolean('wait')).toBe(false)
    expect(flags.integer('tail')).toBe(-1)
    expect(flags.text('cascade')).toBe('none')
    expect([flags.has('tail'), flags.has('wait'), flags.boolean('follow')]).toEqual([
      false,
      true,
      false,
    ])
    expect(parseFlags(specs, []).boolean('wait')).toBe(true)
  })
})
