import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pods } from '../src/api/scheme.ts'
import { systemContext } from '../src/base/context.ts'
import { HttpTransport } from '../src/client/http-transport.ts'
import { loadKubeconfig } from '../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'
import { ImageStore } from '../src/node/images/store.ts'
import { astern, EngineProcess } from './engine-process.fixture.ts'
import { GivenSystemd } from './given-systemd.ts'
import { markedProcesses } from './process-runtime/marked-processes.ts'

const unit = readFileSync(new URL('../packaging/astern.service', import.meta.url), 'utf8')
const eventually = { timeout: 30_000, interval: 50 }
const inDefault = { namespace: 'default' }
const app = { ...inDefault, name: 'app' }
const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]
/** Not everywhere; so what the unit asks of it is done by hand, too. */
const hasSystemd = await GivenSystemd.canRun()

async function withApi<T>(
  kubeconfig: string,
  use: (transport: HttpTransport) => Promise<T>,
): Promise<T> {
  const access = await loadKubeconfig({ files: [kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  return use(transport).finally(() => transport.close())
}

const container = (kubeconfig: string) =>
  withApi(kubeconfig, async (transport) => {
    const { status } = await transport.get(pods, app)
    const { containerID, restartCount, state } = status?.containerStatuses?.[0] ?? {}
    return { containerID, restartCount, isRunning: state?.running !== undefined }
  })

async function runApp(kubeconfig: string) {
  const containers = [{ name: 'app', image: 'app:1' }]
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec: { containers } }
  await withApi(kubeconfig, (transport) => transport.create(pods, inDefault, pod))
  const isRunning = { isRunning: true, restartCount: 0 }
  await expect.poll(() => container(kubeconfig), eventually).toMatchObject(isRunning)
  return container(kubeconfig)
}

async function addImage(dataDir: string): Promise<void> {
  const source = mkdtempSync(join(tmpdir(), 'astern-image-'))
  await new ImageStore(dataDir).add('app:1', source, ['sleep', '1000'])
}

async function downEndsAll(dataDir: string): Promise<void> {
  expect((await astern('down', '--data', dataDir)).code).toBe(0)
  const sockets = () => readdirSync(join(dataDir, 'run')).filter((name) => name.endsWith('.sock'))
  await expect.poll(sockets, eventually).toEqual([])
  expect((await astern('status', '--data', dataDir)).stdout).toContain('no engine runs')
}

describe('packaging/astern.service', () => {
  it('has only the engine ended, and always brought back', () => {
    expect(setting('KillMode')).toBe('process')
    expect(setting('Restart')).toBe('always')
    expect(setting('Delegate')).toBe('yes')
    expect(setting('ExecStart')).toMatch(/ astern up --data \$\{STATE_DIRECTORY\}$/)
  })
})

describe('as KillMode=process has it', () => {
  let dataDir: string
  let engine: EngineProcess
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'astern-unit-'))
    await addImage(dataDir)
    engine = await EngineProcess.start(dataDir)
  })
  afterAll(async () => {
    await engine.kill('SIGKILL')
    await astern('down', '--data', dataDir)
    await deleteSnapshot(dataDir)
  })

  it('a signal to the engine alone leaves its pods, which the next one takes over', async () => {
    const before = await runApp(engine.kubeconfig)
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await engine.kill(signal)
      engine = await EngineProcess.start(dataDir)
      expect(await container(engine.kubeconfig)).toEqual(before)
    }
  })

  it('down ends what is left, and leaves no socket behind', async () => {
    await engine.kill('SIGTERM')
    await downEndsAll(dataDir)
  })
})

if (hasSystemd) describe('under a real systemd', describeSystemd)

function describeSystemd(): void {
  let given: GivenSystemd
  let dataDir: string
  let kubeconfig: string
  const shown = (property: string) =>
    given.systemctl('show', '--property', property, '--value', 'astern')
  const mainPid = () => shown('MainPID')
  const isUp = async () => (await astern('status', '--data', dataDir)).code
  beforeAll(async () => {
    given = await GivenSystemd.start()
    dataDir = given.state('astern')
    kubeconfig = join(dataDir, 'kubeconfig')
    await addImage(dataDir)
    given.write('astern.service', unit)
    // The unit's own command, but for the port: another engine may be on this machine.
    const command = `${setting('ExecStart')} --listen 127.0.0.1:0`
    given.write('astern.service.d/port.conf', `[Service]\nExecStart=\nExecStart=${command}\n`)
    await given.systemctl('start', 'astern')
    await vi.waitFor(async () => expect(await isUp()).toBe(0), eventually)
  })
  afterAll(async () => {
    await given.systemctl('stop', 'astern')
    await astern('down', '--data', dataDir)
    await deleteSnapshot(dataDir)
    await given.stop()
  })

  it('a killed engine is brought back, a restarted one comes back: its pods go on', async () => {
    const before = await runApp(kubeconfig)
    const back = async (end: () => Promise<unknown>) => {
      const ended = await mainPid()
      await end()
      await expect.poll(mainPid, eventually).not.toMatch(new RegExp(`^(0|${ended})$`))
      await expect.poll(isUp, eventually).toBe(0)
      expect(await container(kubeconfig)).toEqual(before)
    }
    await back(async () => process.kill(Number(await mainPid()), 'SIGKILL'))
    await back(() => given.systemctl('restart', 'astern'))
  })

  it('a stopped engine leaves its pods, until astern down ends them', async () => {
    const { containerID = '' } = await container(kubeconfig)
    await given.systemctl('stop', 'astern')
    expect(await shown('Result')).toBe('success')
    expect(await isUp()).toBe(1)
    expect(markedProcesses(containerID)).not.toEqual([])
    await downEndsAll(dataDir)
    expect(markedProcesses(containerID)).toEqual([])
  })
}
