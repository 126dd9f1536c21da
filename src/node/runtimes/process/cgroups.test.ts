import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Cgroups } from './cgroups.ts'

// Plain files stand for the kernel's: what is written where is what counts.
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'astern-cgroup-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const read = (path: string) => readFileSync(join(root, path), 'utf8')

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

const limits = { cpuMillis: 1500, memoryBytes: 1_000_000 }

describe('version 2', () => {
  beforeEach(() => write('cgroup.controllers', 'cpuset cpu io memory pids\n'))

  test('limits are written below a group of our own', () => {
    const cgroups = new Cgroups(root, '0::/user.slice', false)
    expect(cgroups.create('c', limits)).toEqual([join(root, 'astern/c/cgroup.procs')])
    expect([read('astern/c/memory.max'), read('astern/c/cpu.max')]).toEqual([
      '1000000',
      '150000 100000',
    ])
    expect(cgroups.hasRunOutOfMemory('c')).toBe(false)
    write('astern/c/memory.events', 'oom 1\noom_kill 2\n')
    expect(cgroups.hasRunOutOfMemory('c')).toBe(true)
  })

  test('in a service that is delegated, its processes move aside', () => {
    write('system.slice/astern.service/cgroup.procs', '7\n')
    const own = '0::/system.slice/astern.service'
    for (const path of [own, `${own}/engine`]) {
      const cgroups = new Cgroups(root, path, true)
      const service = 'system.slice/astern.service'
      expect(cgroups.create('c', limits)).toEqual([join(root, service, 'astern/c/cgroup.procs')])
      expect(read(join(service, 'engine/cgroup.procs'))).toBe('7')
    }
  })
})

describe('version 1', () => {
  test('each limit is its controller\u2019s; what has none is in none', () => {
    for (const name of ['cpu', 'memory']) write(`${name}/cgroup.procs`, '')
    const cgroups = new Cgroups(root, '4:memory:/', false)
    expect(cgroups.create('c', limits)).toHaveLength(2)
    expect(read('memory/astern/c/memory.limit_in_bytes')).toBe('1000000')
    expect(read('cpu/astern/c/cpu.cfs_quota_us')).toBe('150000')
    expect(cgroups.create('d', { cpuMillis: undefined, memoryBytes: undefined })).toEqual([])
  })
})

test('without cgroups it is said what would help', () => {
  expect(new Cgroups(root, '', false).hindrance).toMatch(
    /^there are no cgroups here: run "astern up" as root/,
  )
})
