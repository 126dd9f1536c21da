import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endpointSlices, services } from '../../src/api/scheme.ts'
import { isHeld } from '../../src/base/claim-file.ts'
import { startCluster } from '../../src/cluster/index.ts'
import { deleteSnapshot } from '../../src/node/images/snapshot.ts'
import { proxyLayout } from '../../src/proxy/layout.ts'
import { givenEngine } from '../engine.fixture.ts'
import { astern, EngineProcess } from '../engine-process.fixture.ts'

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'astern-start-'))
})

afterEach(async () => {
  await astern('down', '--data', dataDir)
  await deleteSnapshot(dataDir)
})

const upOn = (port: number, ...more: readonly string[]) =>
  astern('up', '--data', dataDir, '--listen', `127.0.0.1:${port}`, '--detach', ...more)

it('astern --version says which it is, and as which Kubernetes it answers (H-03)', async () => {
  const own = JSON.parse(readFileSync('package.json', 'utf8')).version
  const { code, stdout } = await astern('--version')
  expect([code, stdout]).toEqual([0, `astern ${own}, as Kubernetes v1.35.0\n`])
})

it('astern image add says what a reference meant before', async () => {
  const source = mkdtempSync(join(dataDir, 'source-'))
  const add = async (text: string) => {
    writeFileSync(join(source, 'text'), text)
    return (await astern('image', 'add', 'app:1', source, '--data', dataDir)).stdout
  }
  const [, first] = /^app:1 added \(([0-9a-f]{12})\)\n$/.exec(await add('one')) ?? []
  expect(first).toBeDefined()
  expect(await add('one')).toBe(`app:1 added (${first})\n`)
  expect(await add('two')).toMatch(new RegExp(`; it was ${first}, which runs on\\n$`))
})

it('startCluster refuses a runtime that nobody knows', async () => {
  const start = startCluster({ runtime: 'docker' as 'simulated' })
  await expect(start).rejects.toThrow('there is no runtime "docker"; take process, containerd')
})

describe('astern up', () => {
  it('says who holds the port, and leaves nothing behind', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => holder.once('listening', resolve))
    const { port } = holder.address() as AddressInfo
    const { code, stderr } = await upOn(port)
    holder.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`error: cannot listen on 127.0.0.1:${port}: process ${process.pid} (`)
    expect((await astern('status', '--data', dataDir)).code).toBe(1)
    expect(isHeld(proxyLayout(dataDir).lock)).toBe(false)
    expect((await upOn(0)).code).toBe(0)
  })

  it('that fails the first time fixes no settings: another runtime may be tried', async () => {
    const containerd = ['--runtime', 'containerd', '--cri-socket', join(dataDir, 'none.sock')]
    const { code, stderr } = await upOn(0, ...containerd)
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no containerd at')])
    expect((await upOn(0, '--runtime', 'simulated')).code).toBe(0)
    await astern('down', '--data', dataDir)
    const kept = await upOn(0, '--runtime', 'process')
    expect([kept.code, kept.stderr]).toEqual([1, expect.stringContaining('was made with')])
  })

  it.each([
    ['ends the data plane that it has started', false],
    ['leaves alone the data plane that ran before', true],
  ])('that fails late %s', async (_, ranBefore) => {
    if (ranBefore) {
      const engine = await EngineProcess.start(dataDir)
      await engine.kill('SIGKILL')
    }
    const { code } = await upOn(0, '--kubeconfig', '/dev/null/kubeconfig')
    expect([code, isHeld(proxyLayout(dataDir).lock)]).toEqual([1, ranBefore])
  })

  it('says who holds the data directory', async () => {
    const engine = await EngineProcess.start(dataDir)
    const { code, stderr } = await upOn(0)
    await engine.kill('SIGINT')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      new RegExp(
        `error: ${dataDir} is in use by process \\d+ \\(astern up .*\\); end it with "astern down`,
      ),
    )
  })

  it.each([[[]], [['--detach']]])(
    'says why it cannot have the data directory: %j',
    async (flags) => {
      const file = join(dataDir, 'file')
      writeFileSync(file, '')
      const { code, stderr } = await astern(
        'up',
        '--data',
        file,
        '--listen',
        '127.0.0.1:0',
        ...flags,
      )
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^error: .*file cannot be the data directory: ENOTDIR: .*choose another directory with --data$/m,
      )
    },
  )

  it('refuses an empty data directory', async () => {
    const { code, stderr } = await astern('status', '--data', '')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--data is empty')])
  })

  it('refuses what contradicts the first start', async () => {
    expect((await upOn(0)).code).toBe(0)
    await astern('down', '--data', dataDir)
    const { code, stderr } = await upOn(0, '--runtime', 'simulated')
    expect(code).toBe(1)
    expect(stderr).toContain(`error: ${dataDir} was made with --runtime process`)
  })

  it.each([
    [['--listen', 'nowhere'], '--listen nowhere is not HOST:PORT'],
    [['--nodes', '3'], '--nodes needs --runtime simulated'],
    [['--runtime', 'docker'], '--runtime docker is unknown'],
    [['--runtime', 'process', '--cri-socket', '/x'], '--cri-socket needs --runtime containerd'],
    [['--service-cidr', '1.2.3.4'], '--service-cidr 1.2.3.4 is not an IPv4 range'],
  ])('refuses %j with exit code 2', async (flags, message) => {
    const { code, stderr } = await astern('up', '--data', dataDir, ...flags)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('commands without an engine', () => {
  it('say that the server refuses, and what to do', async () => {
    const engine = await EngineProcess.start(dataDir)
    await engine.kill('SIGINT')
    const { code, stderr } = await astern('get', 'pods', '--kubeconfig', engine.kubeconfig)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /The connection to the server 127\.0\.0\.1:\d+ was refused - did you specify the right host or port\?/,
    )
    expect(stderr).toContain('astern up')
  })
})

/** undefined while nothing answers: the proxy hears of the endpoint a moment later. */
function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = get(url, { rejectUnauthorized: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', () => resolve(undefined))
  })
}

describe('the Service kubernetes', () => {
  it('leads to the API', async () => {
    const given = await givenEngine({ runtime: 'simulated' })
    const key = { namespace: 'default', name: 'kubernetes' }
    const { ports } = await given.engine.transport.get(endpointSlices, key)
    expect(ports?.[0]?.port).toBe(Number(new URL(given.engine.url).port))
    const { spec } = await given.engine.transport.get(services, key)
    await expect.poll(() => statusOf(`https://${spec?.clusterIP}/readyz`)).toBe(200)
    await given.stop()
  })
})
