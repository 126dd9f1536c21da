import { chmodSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ImageStore } from '../../src/node/images/store.ts'
import {
  type ProcessRuntimeFixture,
  processRuntimeFixture,
} from '../../src/node/runtimes/process/process-runtime.fixture.ts'
import { newContainer, startInPod } from '../../src/node/runtimes/runtime.contract.ts'
import { isRunning, markedProcesses } from './marked-processes.ts'
import { ended, eventually, exitCodeOf, fileOf, logOf, scripted, startScript } from './pods.ts'

let fixture: ProcessRuntimeFixture

beforeAll(async () => {
  fixture = await processRuntimeFixture()
  await fixture.addImage('app', [])
})
afterAll(() => fixture.dispose())

const runtime = () => fixture.runtime

describe('exit codes are the program’s own, 128 + signal for a death by signal (F-03)', () => {
  test.each([
    ['exit 0', 0],
    ['exit 3', 3],
    ['exit 255', 255],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
    ['kill -SEGV $$', 139],
    ['exec node -e "process.abort()"', 134],
  ])('%s', async (script, exitCode) => {
    expect(await exitCodeOf(runtime(), await startScript(runtime(), script))).toBe(exitCode)
  })
})

test.each(['TERM', 'KILL', 'SEGV'])(
  'the log of a program that SIG%s ends is its own words',
  async (signal) => {
    const spec = await startScript(runtime(), `echo last words >&2; kill -${signal} $$`)
    expect(await logOf(runtime(), spec, true)).toBe('last words\n')
  },
)

describe('nothing of a container survives it', () => {
  const doubleFork = 'setsid sh -c "sleep 1000 & echo \\$! >$TMPDIR/pid" &'

  test('a grandchild with a session of its own dies when the container is stopped', async () => {
    const spec = await startScript(runtime(), `(${doubleFork}); exec sleep 1000`)
    const grandchild = Number(await fileOf(fixture, spec, 'pid'))
    expect(isRunning(grandchild)).toBe(true)
    await runtime().stopContainer(spec, 5_000)
    expect(isRunning(grandchild)).toBe(false)
  })

  test('it dies too when the program ends by itself', async () => {
    const script = `(${doubleFork}); while [ ! -s "$TMPDIR/pid" ]; do :; done; exit 4`
    const spec = await startScript(runtime(), script)
    const grandchild = Number(await fileOf(fixture, spec, 'pid'))
    expect(await exitCodeOf(runtime(), spec)).toBe(4)
    expect(isRunning(grandchild)).toBe(false)
  })

  test('so does a child that has cleared its environment', async () => {
    const script = 'env -i sleep 1000 & echo $! >$TMPDIR/pid; sleep 0.5; exit 0'
    const spec = await startScript(runtime(), script)
    const child = Number(await fileOf(fixture, spec, 'pid'))
    expect(await exitCodeOf(runtime(), spec)).toBe(0)
    expect(isRunning(child)).toBe(false)
  })

  test('when it is over, no process carries its marker', async () => {
    const spec = await startScript(runtime(), 'sleep 1000 & sleep 1000 & wait')
    const { containerId } = await startInPod(runtime(), spec)
    await eventually(() => markedProcesses(containerId).length >= 4 || undefined)
    await runtime().stopContainer(spec, 5_000)
    await eventually(() => markedProcesses(containerId).length === 0 || undefined)
  })
})

describe('surroundings', () => {
  test('env as given, also names that no shell could use; HOME and TMPDIR are the pod’s', async () => {
    const odd = [
      { name: 'my.var', value: "it's\n$HOME" },
      { name: 'astern-x', value: '' },
    ]
    const env = [...odd, { name: 'dir', value: 'untouched' }, { name: 'PORT', value: '80' }]
    const program = 'console.log(JSON.stringify(process.env))'
    const spec = { ...scripted(''), command: ['node', '-e', program], env }
    await startInPod(runtime(), spec)
    const seen = JSON.parse(await logOf(runtime(), spec, true)) as Record<string, string>
    expect(seen).toMatchObject({ 'my.var': "it's\n$HOME", 'astern-x': '', dir: 'untouched' })
    const { ports } = await runtime().runSandbox({
      podUid: spec.podUid,
      namespace: 'default',
      name: spec.podName,
      ports: [],
    })
    expect(seen.PORT).toBe(String(ports[0]))
    for (const name of ['HOME', 'TMPDIR']) {
      expect(seen[name]).toContain(join('pods', spec.podUid))
      expect(existsSync(seen[name] ?? '')).toBe(true)
    }
    expect(Object.keys(seen).filter((name) => name.startsWith('VITEST'))).toEqual([])
  })

  test('more environment than the kernel takes is an error that says so (F-03)', async () => {
    const spec = { ...scripted('exit 0'), env: [{ name: 'BIG', value: 'x'.repeat(200_000) }] }
    await expect(startInPod(runtime(), spec)).rejects.toThrow(/^argument list too long: .*128 KiB/)
  })

  test('a program that listens on $PORT is reached where the sandbox says', async () => {
    const podUid = newContainer('runs').podUid
    const ports = [{ containerPort: 8080, name: 'http', hostPort: undefined }]
    const sandbox = await runtime().runSandbox({ podUid, namespace: 'd', name: 'p', ports })
    const program =
      "require('http').createServer((_, r) => r.end(process.env.PORT_HTTP)).listen(process.env.PORT_8080)"
    await runtime().startContainer({ ...scripted(''), podUid, command: ['node', '-e', program] })
    const url = `http://${sandbox.ip}:${sandbox.ports[8080]}/`
    const answer = await eventually(() => fetch(url).catch(() => undefined))
    expect(await answer.text()).toBe(String(sandbox.ports[8080]))
  })

  test('an explicit hostPort is taken as it is', async () => {
    const ports = [{ containerPort: 80, name: undefined, hostPort: 18_080 }]
    const { podUid } = newContainer('runs')
    const sandbox = await runtime().runSandbox({ podUid, namespace: 'd', name: 'p', ports })
    expect(sandbox.ports).toEqual({ 80: 18_080 })
    expect(sandbox.env).toContainEqual({ name: 'PORT', value: '18080' })
  })

  test('a command that takes too long is killed, and a chatty one is cut', async () => {
    const spec = await startScript(runtime(), 'exec sleep 1000')
    const slow = await runtime().exec(spec, ['sh', '-c', 'echo begun; sleep 1000'], 200)
    expect(slow).toEqual({ exitCode: undefined, output: 'begun\n' })
    const chatty = await runtime().exec(
      spec,
      ['sh', '-c', 'head -c 50000 /dev/zero; exit 7'],
      5_000,
    )
    expect(chatty).toEqual({ exitCode: 7, output: '\0'.repeat(10 * 1024) })
    const missing = runtime().exec(spec, ['no-such-program'], 5_000)
    await expect(missing).rejects.toThrow('exec: "no-such-program": executable file not found')
  })
})

describe('what cannot be started is said, and may be tried again', () => {
  test('a missing program', async () => {
    const spec = { ...scripted(''), command: ['./no-such-program'] }
    const start = startInPod(runtime(), spec)
    await expect(start).rejects.toMatchObject({
      name: 'StartFailed',
      reason: 'RunContainerError',
      message: 'exec: "./no-such-program": no such file or directory',
    })
    expect((await startInPod(runtime(), { ...spec, command: ['true'] })).state.phase).toBe(
      'running',
    )
  })

  test('a program that is no program ends as a shell says it', async () => {
    await fixture.addImage('noise', ['./noise'])
    const { root } = await new ImageStore(fixture.dataDir).get('noise')
    chmodSync(root, 0o755)
    writeFileSync(join(root, 'noise'), '\0\x01\x02', { mode: 0o755 })
    const spec = { ...scripted(''), image: 'noise', command: [] }
    await startInPod(runtime(), spec)
    expect([126, 127]).toContain(await exitCodeOf(runtime(), spec))
  })

  test('a snapshot that is gone', async () => {
    await fixture.addImage('gone', ['sleep', '1'])
    const { root } = await new ImageStore(fixture.dataDir).get('gone')
    chmodSync(root, 0o755)
    renameSync(root, `${root}-moved`)
    const spec = { ...scripted(''), image: 'gone', command: [] }
    await expect(startInPod(runtime(), spec)).rejects.toMatchObject({
      name: 'StartFailed',
      message: expect.stringMatching(
        /snapshot of image "gone" is gone from .*astern image add gone/,
      ),
    })
    renameSync(`${root}-moved`, root)
    expect((await startInPod(runtime(), spec)).state.phase).toBe('running')
  })
})

describe('logs', () => {
  test('10,000 lines and a line of 100 kB come out as they went in', async () => {
    const program =
      "for (let n = 0; n < 10000; n++) console.log('line ' + n); console.log('x'.repeat(100000))"
    const spec = { ...scripted(''), command: ['node', '-e', program] }
    await startInPod(runtime(), spec)
    await ended(runtime(), spec)
    const expected = Array.from({ length: 10_000 }, (_, n) => `line ${n}`)
    expect(await logOf(runtime(), spec)).toBe([...expected, 'x'.repeat(100_000), ''].join('\n'))
  })
})
