import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { required } from '../../src/base/assert.ts'
import { claimHolder } from '../../src/base/claim-file.ts'
import type { ContainerRecord, ContainerSpec, Runtime } from '../../src/node/runtime.ts'
import {
  type ProcessRuntimeFixture,
  processRuntimeFixture,
  shimCommand,
} from '../../src/node/runtimes/process/process-runtime.fixture.ts'
import { startInPod } from '../../src/node/runtimes/runtime.contract.ts'
import { isRunning, markedProcesses } from './marked-processes.ts'
import {
  ended,
  eventually,
  exitCodeOf,
  fileOf,
  logOf,
  recordOf,
  scripted,
  startScript,
} from './pods.ts'

let fixture: ProcessRuntimeFixture

beforeEach(async () => {
  fixture = await processRuntimeFixture()
  await fixture.addImage('app', [])
})
afterEach(() => fixture.dispose())

function shimPid(): number {
  return required(claimHolder(join(fixture.dataDir, 'run', 'shim.lock')), 'shim').pid
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await eventually(() => !isRunning(pid) || undefined)
}

/** The files of a container's only start. */
function stateFile(spec: ContainerSpec, name: string): string {
  const dir = join(fixture.dataDir, 'pods', spec.podUid, spec.container)
  const state = readdirSync(dir).find((entry) => entry.startsWith('0-'))
  return join(dir, required(state, 'state directory'), name)
}

function pidIn(spec: ContainerSpec, name: 'supervisor' | 'program'): number {
  return Number(readFileSync(stateFile(spec, name), 'utf8').split(' ')[0])
}

/** Starts containers from a process in the role of the control plane, then kills that. */
async function startAndDie(specs: readonly ContainerSpec[]): Promise<ContainerRecord[]> {
  const role = fileURLToPath(new URL('./control-plane.fixture.ts', import.meta.url))
  const [node = '', ...options] = shimCommand.slice(0, -1)
  const args = [...options, role, fixture.dataDir, JSON.stringify(specs)]
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const records: ContainerRecord[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'done') break
    records.push(JSON.parse(line) as ContainerRecord)
  }
  child.kill('SIGKILL')
  await once(child, 'close')
  return records
}

/** Leaves the containers without control plane and without shim. */
async function leaveAlone(): Promise<void> {
  await fixture.runtime.close()
  await killAndWait(shimPid())
}

describe('kill -9 of the control plane', () => {
  test('its containers run on and are found again; one that ended has its exit code', async () => {
    await fixture.runtime.close()
    const specs = [scripted('exec sleep 1000'), scripted('echo bye; sleep 0.5; exit 7')]
    const [running, ending] = await startAndDie(specs)
    const pid = pidIn(required(specs[0], 'spec'), 'program')
    await new Promise((resolve) => setTimeout(resolve, 700))
    const next = await fixture.open()
    expect(await next.containers()).toContainEqual(running)
    expect(isRunning(pid)).toBe(true)
    const record = await recordOf(next, required(specs[1], 'spec'))
    expect(record).toMatchObject({ containerId: ending?.containerId, state: { exitCode: 7 } })
    expect(await logOf(next, required(specs[1], 'spec'))).toBe('bye\n')
  })
})

describe('kill -9 of the shim', () => {
  test('a new one is started, and knows what ran, what is written and what ends', async () => {
    const { runtime } = fixture
    const script =
      'n=0; while [ ! -e "$TMPDIR/end" ]; do n=$((n+1)); echo $n; sleep 0.05; done; exit 5'
    const spec = await startScript(runtime, script)
    const before = await recordOf(runtime, spec)
    const heard = new Promise((resolve) => runtime.onExit(resolve))
    const old = shimPid()
    await killAndWait(old)
    expect(await recordOf(runtime, spec)).toEqual(before)
    expect(shimPid()).not.toBe(old)
    const atReturn = (await logOf(runtime, spec)).length
    await eventually(async () => (await logOf(runtime, spec)).length > atReturn + 4 || undefined)
    writeFileSync(join(fixture.dataDir, 'pods', spec.podUid, '.tmp', 'end'), '')
    expect(await heard).toMatchObject({ containerId: before.containerId, state: { exitCode: 5 } })
    const numbers = (await logOf(runtime, spec)).trimEnd().split('\n').map(Number)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  test('an end that nobody saw is told with its code and its last words', async () => {
    const { runtime } = fixture
    const spec = await startScript(runtime, 'sleep 0.7; echo last words; exit 9')
    await leaveAlone()
    await eventually(() => !isRunning(pidIn(spec, 'program')) || undefined)
    const next = await fixture.open()
    expect(await exitCodeOf(next, spec)).toBe(9)
    expect(await logOf(next, spec)).toBe('last words\n')
  })

  test('what strays left behind is killed by the next shim', async () => {
    const { runtime } = fixture
    const script = '(setsid sh -c "sleep 1000 & echo \\$! >$TMPDIR/pid" &); sleep 0.7; exit 0'
    const spec = await startScript(runtime, script)
    const stray = Number(await fileOf(fixture, spec, 'pid'))
    await leaveAlone()
    await eventually(() => !isRunning(pidIn(spec, 'program')) || undefined)
    expect(isRunning(stray)).toBe(true)
    expect(await exitCodeOf(await fixture.open(), spec)).toBe(0)
    expect(isRunning(stray)).toBe(false)
  })

  test('an end that nobody recorded has no code, and stays when it was found', async () => {
    const spec = await startScript(fixture.runtime, 'exec sleep 1000')
    await leaveAlone()
    await killAndWait(pidIn(spec, 'supervisor'))
    await killAndWait(pidIn(spec, 'program'))
    const next = await fixture.open()
    const record = await ended(next, spec)
    expect(record.state).not.toHaveProperty('exitCode')
    await next.close()
    expect(await recordOf(await fixture.open(), spec)).toEqual(record)
  })

  test('a process that has the pid of a dead program now is left alone', async () => {
    const spec = await startScript(fixture.runtime, 'exec sleep 1000')
    await leaveAlone()
    await killAndWait(pidIn(spec, 'supervisor'))
    await killAndWait(pidIn(spec, 'program'))
    const innocent = spawn('sleep', ['1000'], { detached: true })
    writeFileSync(stateFile(spec, 'program'), `${innocent.pid} 12345\n`)
    const next = await fixture.open()
    await next.stopContainer(spec, 0)
    expect(await exitCodeOf(next, spec)).toBeUndefined()
    await next.removeSandbox(spec.podUid)
    expect(isRunning(innocent.pid ?? 0)).toBe(true)
    innocent.kill('SIGKILL')
  })

  test('again and again while containers start: none is lost, none is started twice', async () => {
    const { runtime } = fixture
    const script = 'echo $$ >>"$TMPDIR/starts"; exec sleep 1000'
    const specs = Array.from({ length: 20 }, () => scripted(script))
    const started = Promise.all(specs.map((spec) => startInPod(runtime, spec)))
    for (let round = 0; round < 4; round++) {
      await new Promise((resolve) => setTimeout(resolve, 60 * (round + 1)))
      await killShim(runtime)
    }
    for (const record of await started) expect(record.state.phase).toBe('running')
    for (const spec of specs) {
      expect((await fileOf(fixture, spec, 'starts')).split('\n')).toHaveLength(1)
    }
  })
})

/** Whichever there is: the next one may not have come up yet. */
async function killShim(runtime: Runtime): Promise<void> {
  const pid = claimHolder(join(fixture.dataDir, 'run', 'shim.lock'))?.pid
  if (pid !== undefined && isRunning(pid)) await killAndWait(pid)
  else await runtime.containers()
}

test('kill -9 of a supervisor leaves its program running; the end has no code', async () => {
  const { runtime } = fixture
  const spec = await startScript(runtime, 'exec sleep 1000')
  const program = pidIn(spec, 'program')
  await killAndWait(pidIn(spec, 'supervisor'))
  expect((await recordOf(runtime, spec)).state.phase).toBe('running')
  expect(isRunning(program)).toBe(true)
  await runtime.stopContainer(spec, 5_000)
  expect(isRunning(program)).toBe(false)
  expect(await exitCodeOf(runtime, spec)).toBeUndefined()
})

test('a second shim on the same data does not start', async () => {
  const [node = '', ...args] = shimCommand
  const second = spawn(node, [...args, fixture.dataDir], { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  second.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  await once(second, 'close')
  expect(complaint).toContain(`another shim holds ${fixture.dataDir}: pid ${shimPid()}`)
  expect(await fixture.runtime.containers()).toEqual([])
})

test('the shim ends when nothing runs and nobody is connected', async () => {
  const spec = await startScript(fixture.runtime, 'exec sleep 1000')
  const { containerId } = await recordOf(fixture.runtime, spec)
  const pid = shimPid()
  await fixture.runtime.close()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(isRunning(pid)).toBe(true)
  const next = await fixture.open()
  await next.stopContainer(spec, 5_000)
  await next.close()
  await eventually(() => !isRunning(pid) || undefined)
  expect(markedProcesses(containerId)).toEqual([])
})
