import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pods } from '../src/api/scheme.ts'
import { systemContext } from '../src/base/context.ts'
import { HttpTransport } from '../src/client/http-transport.ts'
import { loadKubeconfig } from '../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'
import { ImageStore } from '../src/node/images/store.ts'
import { astern, EngineProcess } from './engine-process.fixture.ts'

const unit = readFileSync(new URL('../packaging/astern.service', import.meta.url), 'utf8')
const eventually = { timeout: 30_000, interval: 50 }
const app = { namespace: 'default', name: 'app' }
let dataDir: string
let engine: EngineProcess

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'astern-unit-'))
  const source = mkdtempSync(join(tmpdir(), 'astern-image-'))
  await new ImageStore(dataDir).add('app:1', source, ['sleep', '1000'])
  engine = await EngineProcess.start(dataDir)
})
afterAll(async () => {
  await engine.kill('SIGKILL')
  await astern('down', '--data', dataDir)
  await deleteSnapshot(dataDir)
})

async function withApi<T>(use: (transport: HttpTransport) => Promise<T>): Promise<T> {
  const access = await loadKubeconfig({ files: [engine.kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  return use(transport).finally(() => transport.close())
}

const container = () =>
  withApi(async (transport) => {
    const { status } = await transport.get(pods, app)
    const { containerID, restartCount, state } = status?.containerStatuses?.[0] ?? {}
    return { containerID, restartCount, isRunning: state?.running !== undefined }
  })

describe('packaging/astern.service', () => {
  it('has only the engine ended, and always brought back', () => {
    const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1]
    expect(setting('KillMode')).toBe('process')
    expect(setting('Restart')).toBe('always')
    expect(setting('Delegate')).toBe('yes')
    expect(setting('ExecStart')).toMatch(/ astern up --data \$\{STATE_DIRECTORY\}$/)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'under KillMode=process %s to the engine leaves its pods, which the next one takes over',
    async (signal) => {
      const containers = [{ name: 'app', image: 'app:1' }]
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec: { containers } }
      await withApi((transport) =>
        transport.create(pods, { namespace: 'default' }, pod).catch(() => {}),
      )
      await expect.poll(container, eventually).toMatchObject({ isRunning: true, restartCount: 0 })
      const before = await container()
      await engine.kill(signal)
      engine = await EngineProcess.start(dataDir)
      expect(await container()).toEqual(before)
    },
  )

  it('down ends what is left, and leaves no socket behind', async () => {
    await engine.kill('SIGTERM')
    expect((await astern('down', '--data', dataDir)).code).toBe(0)
    const sockets = () => readdirSync(join(dataDir, 'run')).filter((name) => name.endsWith('.sock'))
    await expect.poll(sockets, eventually).toEqual([])
    expect((await astern('status', '--data', dataDir)).stdout).toContain('no engine runs')
  })
})
