import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerSpec, Mount } from '../../src/node/runtime.ts'
import { isolationHindrance } from '../../src/node/runtimes/process/bubblewrap.ts'
import { Cgroups } from '../../src/node/runtimes/process/cgroups.ts'
import {
  type ProcessRuntimeFixture,
  processRuntimeFixture,
} from '../../src/node/runtimes/process/process-runtime.fixture.ts'
import { startInPod } from '../../src/node/runtimes/runtime.contract.ts'
import { isRunning } from './marked-processes.ts'
import { ended, eventually, exitCodeOf, logOf, scripted } from './pods.ts'

let fixture: ProcessRuntimeFixture
/** A directory of the machine that stands for a volume: it holds the file `hello`. */
let volume: string

beforeAll(async () => {
  expect(await isolationHindrance(), 'these tests need bubblewrap').toBeUndefined()
  fixture = await processRuntimeFixture()
  await fixture.addImage('app', [])
  volume = join(fixture.dataDir, 'pods', 'volume')
  mkdirSync(volume, { recursive: true })
  writeFileSync(join(volume, 'hello'), 'hello\n')
})
afterAll(() => fixture.dispose())

const runtime = () => fixture.runtime

function mounted(containerPath: string, more: Partial<Mount> = {}): Mount {
  return { hostPath: volume, containerPath, isReadOnly: false, ...more }
}

/** The output of a script in a container with these mounts. */
async function printed(
  script: string,
  mounts: readonly Mount[],
  more: Partial<ContainerSpec> = {},
) {
  const spec = scripted(script, { mounts, ...more })
  await startInPod(runtime(), spec)
  await ended(runtime(), spec)
  return logOf(runtime(), spec)
}

describe('mounts', () => {
  test.each([
    '/astern-test-data',
    '/etc/astern-test/config',
    '/var/run/secrets/kubernetes.io/serviceaccount',
    '/usr/share/astern-test/deep/down',
    '/mnt',
  ])('at %s, and nothing of it is on the machine', async (path) => {
    const wasThere = existsSync(path)
    expect(await printed(`cat ${path}/hello; echo more >${path}/new`, [mounted(path)])).toBe(
      'hello\n',
    )
    expect(readFileSync(join(volume, 'new'), 'utf8')).toBe('more\n')
    expect(existsSync(path)).toBe(wasThere)
  })

  test('what is beside a target is as it was', async () => {
    const entries = (await printed('ls -A /etc', [mounted('/etc/astern-test')])).split('\n')
    expect(entries).toEqual(expect.arrayContaining(['astern-test', 'passwd', 'hosts']))
    expect(await printed('cat /etc/passwd', [mounted('/etc/astern-test')])).toBe(
      readFileSync('/etc/passwd', 'utf8'),
    )
  })

  test('a file over a file, and a mount inside another', async () => {
    const file = mounted('/etc/hostname', { hostPath: join(volume, 'hello') })
    mkdirSync(join(volume, 'inner'), { recursive: true })
    const inner = mounted('/astern-test/inner')
    const script = 'cat /etc/hostname /astern-test/inner/hello'
    expect(await printed(script, [inner, mounted('/astern-test'), file])).toBe('hello\nhello\n')
  })

  test('read-only is', async () => {
    const script = 'echo no >/astern-test/hello || echo refused'
    expect(await printed(script, [mounted('/astern-test', { isReadOnly: true })])).toMatch(
      /Read-only file system[\s\S]*refused\n$/,
    )
  })

  test.each([
    ['/proc/astern', 'that place is not for volumes'],
    ['/etc/passwd/x', '/etc/passwd is not a directory'],
    ['/etc/passwd', 'not a directory'],
  ])('%s cannot be had: %s', async (path, why) => {
    await expect(startInPod(runtime(), scripted('', { mounts: [mounted(path)] }))).rejects.toThrow(
      `cannot mount at ${path}: ${why}`,
    )
  })

  test("no pod sees Astern's data, not even through a directory above it", async () => {
    const above = mounted('/astern-test', { hostPath: join(fixture.dataDir, '..') })
    const below = fixture.dataDir.split('/').at(-1)
    const script = `ls -A ${fixture.dataDir} /astern-test/${below} | grep -v :; ls /proc/1/root/${fixture.dataDir}`
    expect((await printed(script, [above])).trim()).toBe('')
  })
})

describe('a confined container', () => {
  const mounts = () => [mounted('/astern-test')]

  test('has its image, its directories and its own processes, and ends with its own code', async () => {
    const script =
      'pwd; ls; echo $HOME $TMPDIR; touch $TMPDIR/x $HOME/x; ls -d /proc/[0-9]* | wc -l; exit 7'
    const spec = scripted(script, { mounts: mounts() })
    await startInPod(runtime(), spec)
    expect(await exitCodeOf(runtime(), spec)).toBe(7)
    const lines = (await logOf(runtime(), spec)).trim().split('\n')
    const [cwd, files, homes, processes] = lines
    expect([cwd, files, homes]).toEqual(['/astern/image', 'about.txt', '/astern/home /astern/tmp'])
    expect(Number(processes)).toBeLessThan(6)
  })

  test('runs a program that lies in a volume, in a directory of a volume', async () => {
    writeFileSync(join(volume, 'tool'), '#!/bin/sh\npwd\n', { mode: 0o755 })
    const spec = scripted('', {
      mounts: mounts(),
      command: ['/astern-test/tool'],
      workingDir: '/astern-test',
    })
    await startInPod(runtime(), spec)
    expect(await logOf(runtime(), spec, true)).toBe('/astern-test\n')
  })

  test('hears SIGTERM itself, and is asked in its own surroundings', async () => {
    const script = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done"
    const spec = scripted(script, { mounts: mounts() })
    await startInPod(runtime(), spec)
    await eventually(async () => (await logOf(runtime(), spec)).includes('up') || undefined)
    const asked = await runtime().exec(spec, ['sh', '-c', 'cat /astern-test/hello; pwd'], 5_000)
    expect(asked).toEqual({ exitCode: 0, output: 'hello\n/astern/image\n' })
    expect((await runtime().exec(spec, ['sh', '-c', 'exit 5'], 5_000)).exitCode).toBe(5)
    await runtime().stopContainer(spec, 20_000)
    expect(await exitCodeOf(runtime(), spec)).toBe(3)
    expect(await logOf(runtime(), spec)).toMatch(/bye\n$/)
  })

  test('SIGKILL ends what ignores SIGTERM, with all it has started', async () => {
    // A duration that nobody else sleeps: other tests run beside this one.
    const duration = `1000.${process.pid}`
    const script = `trap "" TERM; env -i setsid sleep ${duration} & while :; do sleep 0.1; done`
    const spec = scripted(script, { mounts: mounts() })
    await startInPod(runtime(), spec)
    const mine = await eventually(() => {
      const pids = sleepers(duration)
      return pids.length > 0 ? pids : undefined
    })
    await runtime().stopContainer(spec, 200)
    expect(await exitCodeOf(runtime(), spec)).toBe(137)
    expect(mine.filter(isRunning)).toEqual([])
  })

  test('is found again by a new shim, and its end is its own', async () => {
    const spec = scripted('while [ ! -e /astern-test/go ]; do sleep 0.05; done; exit 4', {
      mounts: mounts(),
    })
    const record = await startInPod(runtime(), spec)
    const next = await fixture.open()
    expect((await startInPod(next, spec)).containerId).toBe(record.containerId)
    writeFileSync(join(volume, 'go'), '')
    expect(await exitCodeOf(next, spec)).toBe(4)
  })
})

describe('runAsUser', () => {
  test('a container is whom it is to be, and may write its own', async () => {
    const user = { uid: 4711, gid: 4712, supplementalGroups: [4713] }
    const said = await printed('id -u; id -g; touch $HOME/x $TMPDIR/x && cat about.txt', [], {
      user,
    })
    expect(said).toBe('4711\n4712\nan image of the tests\n')
  })

  test('whom the engine runs as needs nothing of that', async () => {
    const user = { uid: userInfo().uid, gid: undefined, supplementalGroups: [] }
    expect(await printed('pwd', [], { user })).toContain(fixture.dataDir)
  })
})

describe('limits', () => {
  const { hindrance } = new Cgroups()
  const limits = { cpuMillis: 500, memoryBytes: 48 * 1024 * 1024 }

  test('are held where cgroups may be written; elsewhere it is said what would help', async () => {
    if (hindrance !== undefined) {
      expect(hindrance).toMatch(/run "astern up" as root|packaging\/astern\.service/)
      return
    }
    const spec = scripted('exec tail /dev/zero', { limits })
    const { containerId } = await startInPod(runtime(), spec)
    expect((await ended(runtime(), spec)).state).toMatchObject({
      exitCode: 137,
      isOutOfMemory: true,
    })
    const left = execFileSync('find', [
      '/sys/fs/cgroup',
      '-name',
      containerId.slice('process://'.length),
    ])
    expect(left.toString()).toBe('')
  })

  test('a program that stays below them ends as it wants', async () => {
    const spec = scripted('exit 137', { limits })
    await startInPod(runtime(), spec)
    const { state } = await ended(runtime(), spec)
    expect(state).toMatchObject({ exitCode: 137 })
    expect(state).not.toHaveProperty('isOutOfMemory')
  })
})

/** Pids of `sleep DURATION` on this machine. */
function sleepers(duration: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === `sleep\x00${duration}\x00`
      } catch {
        return false
      }
    })
}
