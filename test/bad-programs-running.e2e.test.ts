import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../src/api/generated/types.ts'
import { pods } from '../src/api/scheme.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'
import { kubectlBinary } from './kubectl-binary.ts'
import { isRunning } from './process-runtime/marked-processes.ts'

const inDefault = { namespace: 'default' }
const eventually = { timeout: 30_000, interval: 100 }
const run = promisify(execFile)
/** Of 1 kB each: more than is kept. ASTERN_LOG_LINES=1000000 makes it a gigabyte. */
const wordyLines = Number(process.env.ASTERN_LOG_LINES ?? 60_000)
const wordyMs = 60_000 + wordyLines
let given: GivenEngine

beforeAll(async () => {
  given = await givenEngine()
  await given.images.add('box:1', mkdtempSync(join(tmpdir(), 'astern-image-')))
})
afterAll(() => given.stop())

async function runPod(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}) {
  const containers = [
    { name: 'app', image: 'box:1', imagePullPolicy: 'IfNotPresent', ...container },
  ]
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } }
  return given.engine.transport.create(pods, inDefault, pod)
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, KUBECONFIG: given.engine.kubeconfig }
  const options = { env, maxBuffer: 64 * 1024 * 1024 }
  return (await run(kubectlBinary('36'), [...args], options)).stdout
}

/** NAME READY STATUS RESTARTS, as `kubectl get pod` has them. */
async function row(name: string): Promise<readonly string[]> {
  const line = await kubectl('get', 'pod', name, '--no-headers')
  return line.trim().split(/\s+/).slice(0, 4)
}

const describePod = (name: string) => kubectl('describe', 'pod', name)
const sh = (script: string) => ({ command: ['sh', '-c', script] })
const node = (program: string) => ({ command: ['node', '-e', program] })

function podDir(uid: string | undefined): string {
  return join(given.dataDir, 'pods', uid ?? '')
}

/** A number that the program has written into its TMPDIR. */
async function numberIn(uid: string | undefined, name: string): Promise<number> {
  const path = join(podDir(uid), '.tmp', name)
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8'), eventually).toMatch(/\n$/)
  return Number(readFileSync(path, 'utf8'))
}

describe('what kubectl shows of a program that', () => {
  it('ends at once: CrashLoopBackOff, with its exit code and its last words', async () => {
    await runPod('brief', sh('echo last words; exit 7'))
    await expect.poll(async () => (await row('brief'))[2], eventually).toBe('CrashLoopBackOff')
    const told = await describePod('brief')
    expect(told).toMatch(/Last State:\s+Terminated\s+Reason:\s+Error\s+Exit Code:\s+7/)
    const backOff = /BackOff .*Back-off restarting failed container app in pod brief_default/
    await expect.poll(() => describePod('brief'), eventually).toMatch(backOff)
    expect(await kubectl('logs', 'brief', '--previous')).toBe('last words\n')
  })

  it('ignores SIGTERM: Terminating for its grace period, then gone', async () => {
    const script = 'trap "" TERM; echo $$$$ >$TMPDIR/pid; while :; do sleep 0.1; done'
    const { metadata } = await runPod('stubborn', sh(script), { terminationGracePeriodSeconds: 3 })
    const pid = await numberIn(metadata.uid, 'pid')
    await kubectl('delete', 'pod', 'stubborn', '--wait=false')
    expect((await row('stubborn'))[2]).toBe('Terminating')
    const killing = /Killing .*Stopping container app/
    await expect.poll(() => describePod('stubborn'), eventually).toMatch(killing)
    expect(isRunning(pid)).toBe(true)
    await kubectl('wait', '--for=delete', 'pod/stubborn', '--timeout=20s')
    expect(isRunning(pid)).toBe(false)
  })

  it('forks a child that stays: Completed, and nothing of it is left', async () => {
    const script =
      '(setsid sh -c "echo \\$\\$ >$TMPDIR/pid; exec sleep 1000" &); while [ ! -s $TMPDIR/pid ]; do :; done'
    const { metadata } = await runPod('forks', sh(script), { restartPolicy: 'Never' })
    const pid = await numberIn(metadata.uid, 'pid')
    await expect.poll(() => row('forks'), eventually).toEqual(['forks', '0/1', 'Completed', '0'])
    expect(isRunning(pid)).toBe(false)
  })

  it('writes a great deal of log: files are kept, and read', { timeout: 2 * wordyMs }, async () => {
    const script = `yes "$(printf %01000d 7)" | head -n ${wordyLines}; echo the end`
    const { metadata } = await runPod('wordy', sh(script), { restartPolicy: 'Never' })
    await expect
      .poll(async () => (await row('wordy'))[2], { ...eventually, timeout: wordyMs })
      .toBe('Completed')
    const dir = join(podDir(metadata.uid), 'app')
    const files = readdirSync(dir).filter((name) => name.startsWith('0.log'))
    const bytes = files.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)
    expect(files).toHaveLength(5)
    expect(bytes).toBeLessThan(52 * 1024 * 1024)
    const lines = (await kubectl('logs', 'wordy', '--tail=20000')).split('\n')
    expect([lines.length, lines.at(-2), lines[0]?.length]).toEqual([20_001, 'the end', 1000])
  })

  it('prints 10,000 lines a second: all of them are there', async () => {
    const program =
      'let n = 0; const timer = setInterval(() => { for (let i = 0; i < 1000; i++) console.log(n++); if (n === 20000) clearInterval(timer) }, 100)'
    await runPod('fast', node(program), { restartPolicy: 'Never' })
    const isStarted = async () => /Running|Completed/.test((await row('fast'))[2] ?? '')
    await expect.poll(isStarted, eventually).toBe(true)
    const followed = await kubectl('logs', 'fast', '--follow')
    await expect.poll(async () => (await row('fast'))[2], eventually).toBe('Completed')
    const all = Array.from({ length: 20_000 }, (_, n) => `${n}\n`).join('')
    expect((await kubectl('logs', 'fast')) === all).toBe(true)
    expect(followed === all).toBe(true)
  })

  it('closes its port: not ready any more, restarted by its liveness probe', async () => {
    const program =
      "const server = require('node:http').createServer((_, r) => r.end()).listen(process.env.PORT, '127.0.0.1'); setTimeout(() => { server.closeAllConnections(); server.close() }, 1500); setInterval(() => {}, 1000)"
    const tcpSocket = { port: 8080 }
    const readinessProbe = { tcpSocket, periodSeconds: 1, failureThreshold: 1 }
    const livenessProbe = { tcpSocket, periodSeconds: 1, failureThreshold: 3 }
    await runPod('closes', { ...node(program), readinessProbe, livenessProbe })
    await expect.poll(async () => (await row('closes'))[1], eventually).toBe('1/1')
    await expect.poll(async () => (await row('closes'))[1], eventually).toBe('0/1')
    await expect.poll(async () => Number((await row('closes'))[3]), eventually).toBeGreaterThan(0)
    await expect
      .poll(() => describePod('closes'), eventually)
      .toContain('Container app failed liveness probe, will be restarted')
    const told = await describePod('closes')
    expect(told).toMatch(/Unhealthy .*Liveness probe failed: dial tcp 127\.0\.0\.1:\d+/)
  })

  it('never gets ready: Running 0/1, and why', async () => {
    const readinessProbe = { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 }
    const program =
      "require('node:http').createServer((_, r) => r.writeHead(503).end()).listen(process.env.PORT, '127.0.0.1')"
    await runPod('unready', { ...node(program), readinessProbe })
    await expect
      .poll(() => describePod('unready'), eventually)
      .toContain('Readiness probe failed: HTTP probe failed with statuscode: 503')
    expect(await row('unready')).toEqual(['unready', '0/1', 'Running', '0'])
    expect(await describePod('unready')).toMatch(/ContainersReady\s+False/)
  })

  it('needs a file that is not there: its last words are the message', async () => {
    const container = {
      ...sh('cat /etc/astern-test/settings.json'),
      terminationMessagePolicy: 'FallbackToLogsOnError',
    }
    await runPod('needs', container, { restartPolicy: 'Never' })
    await expect.poll(() => row('needs'), eventually).toEqual(['needs', '0/1', 'Error', '0'])
    const told = await describePod('needs')
    expect(told).toMatch(
      /Message:\s+cat: \/etc\/astern-test\/settings\.json: No such file or directory/,
    )
    expect(told).toMatch(/Exit Code:\s+1/)
  })

  it('leaves a message where its manifest says', async () => {
    const container = {
      ...sh('echo -n why >/tmp/astern-last-words; exit 3'),
      terminationMessagePath: '/tmp/astern-last-words',
    }
    await runPod('speaks', container, { restartPolicy: 'Never' })
    await expect.poll(() => row('speaks'), eventually).toEqual(['speaks', '0/1', 'Error', '0'])
    expect(await describePod('speaks')).toMatch(/Message:\s+why/)
    expect(existsSync('/tmp/astern-last-words')).toBe(false)
  })

  it('listens on a port of its own twice: the second pod is told of $PORT', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'astern-port-')), 'port')
    const first = `require('node:http').createServer().listen(0, '127.0.0.1', function () { require('node:fs').writeFileSync('${path}', String(this.address().port)) })`
    await runPod('one', node(first))
    await expect
      .poll(() => existsSync(path) && readFileSync(path, 'utf8'), eventually)
      .toMatch(/\d/)
    const port = readFileSync(path, 'utf8')
    writeFileSync(path, '')
    await runPod('two', node(`require('node:http').createServer().listen(${port}, '127.0.0.1')`))
    await expect
      .poll(() => describePod('two'), eventually)
      .toMatch(/PortTaken .*let the program listen on \$PORT/)
    await expect
      .poll(async () => (await row('two'))[2], eventually)
      .toMatch(/Error|CrashLoopBackOff/)
    expect((await row('one'))[2]).toBe('Running')
  })
})
