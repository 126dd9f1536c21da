import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandOf, directoryOf, environmentOf, resolveProgram } from './command.ts'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'astern-command-'))
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'bin', 'tool'), '', { mode: 0o755 })
  writeFileSync(join(root, 'bin', 'data'), '', { mode: 0o644 })
})
afterAll(() => rmSync(root, { recursive: true }))

describe('command and args', () => {
  const imageCommand = ['node', 'server.js']
  test.each([
    [[], [], imageCommand],
    [['run'], [], ['run']],
    [['run'], ['fast'], ['run', 'fast']],
    [[], ['other.js'], ['other.js']],
  ])('command %j, args %j', (command, args, expected) => {
    expect(commandOf({ image: 'app', command, args }, imageCommand)).toEqual(expected)
  })

  test('none at all says what to do', () => {
    const run = () => commandOf({ image: 'app', command: [], args: [] }, [])
    expect(run).toThrow(expect.objectContaining({ reason: 'CreateContainerConfigError' }))
    expect(run).toThrow(/no command specified.*astern image add app DIR -- CMD/)
  })
})

describe('workingDir', () => {
  test.each([
    [undefined, ''],
    ['/', ''],
    ['bin', 'bin'],
    ['/bin/', 'bin'],
    ['../../bin', 'bin'],
  ])('%s', (workingDir, below) => {
    expect(join(root, directoryOf(root, workingDir), '.')).toBe(join(root, below, '.'))
  })

  test('one that is not there is refused', () => {
    expect(() => directoryOf(root, '/nowhere')).toThrow('workingDir "/nowhere" is no directory')
  })
})

describe('the program', () => {
  test.each([
    ['tool', 'bin/tool'],
    ['./bin/tool', 'bin/tool'],
    ['bin/tool', 'bin/tool'],
  ])('%s', (program, found) => {
    const search = { cwd: root, path: `/nowhere:${root}/bin` }
    expect(resolveProgram(program, search)).toBe(join(root, found))
  })

  test.each([
    ['gone', 'exec: "gone": executable file not found in $PATH'],
    ['./gone', 'exec: "./gone": no such file or directory'],
    ['bin/data', 'exec: "bin/data": permission denied'],
    ['./bin', 'exec: "./bin": permission denied'],
  ])('"%s" cannot be run', (program, message) => {
    const resolve = () => resolveProgram(program, { cwd: root, path: '/nowhere' })
    expect(resolve).toThrow(expect.objectContaining({ reason: 'RunContainerError', message }))
  })
})

test('the environment is what was asked for and little else; later values win', () => {
  process.env.ASTERN_TEST_SECRET = 'secret'
  const env = environmentOf({
    podName: 'app-1',
    home: '/home',
    temporary: '/tmp/pod',
    env: [
      { name: 'HOME', value: '/mine' },
      { name: 'PORT', value: '80' },
      { name: 'PORT', value: '20001' },
    ],
  })
  delete process.env.ASTERN_TEST_SECRET
  const { PATH, LANG, LC_ALL, TZ, ...rest } = env
  expect(rest).toEqual({ HOSTNAME: 'app-1', HOME: '/mine', TMPDIR: '/tmp/pod', PORT: '20001' })
  expect(PATH?.split(':')).toEqual(expect.arrayContaining((process.env.PATH ?? '').split(':')))
})
