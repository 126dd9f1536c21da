import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { astern, EngineProcess } from '../engine-process.fixture.ts'
import { describeContainerd } from './describe-containerd.ts'
import { busyboxImage, GivenContainerd } from './given-containerd.ts'
import { sh, waits } from './given-pods.ts'

describeContainerd('astern up --runtime containerd', () => {
  describe('astern up --runtime containerd', describeCommand)
})

function describeCommand(): void {
  let containerd: GivenContainerd
  let dataDir: string
  beforeAll(async () => {
    containerd = await GivenContainerd.start()
    containerd.registry.push('library/box:1', busyboxImage(sh(waits).command))
    dataDir = mkdtempSync(join(tmpdir(), 'astern-containerd-data-'))
  })
  afterAll(async () => {
    await containerd?.stop()
    rmSync(dataDir, { recursive: true })
  })
  const flags = () => ['--runtime', 'containerd', '--cri-socket', containerd.socket]
  const sandboxes = () =>
    containerd.withCri(async (cri) => (await cri.call('ListPodSandbox', {})).items ?? [])

  test('pods outlive a kill -9 of the control plane and down --keep-pods, and down ends them', async () => {
    const first = await EngineProcess.start(dataDir, ...flags())
    const kubectl = (...args: readonly string[]) =>
      astern(...args, '--kubeconfig', first.kubeconfig)
    const manifest = join(dataDir, 'pod.json')
    const containers = [{ name: 'app', image: 'box:1' }]
    const spec = { terminationGracePeriodSeconds: 2, containers }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'box' }, spec }
    writeFileSync(manifest, JSON.stringify(pod))
    expect(await kubectl('apply', '-f', manifest)).toMatchObject({ code: 0 })
    const status = async () => {
      const { stdout } = await kubectl('get', 'pod', 'box', '-o', 'json')
      return JSON.parse(stdout).status
    }
    const isReady = async () => (await status()).containerStatuses?.[0]?.ready
    await expect.poll(isReady, { timeout: 60_000, interval: 200 }).toBe(true)
    const before = await status()
    await first.kill('SIGKILL')
    expect(await sandboxes()).toHaveLength(1)
    // What the data were made with need not be said again.
    const second = await EngineProcess.start(dataDir)
    await expect.poll(isReady, { timeout: 60_000, interval: 200 }).toBe(true)
    const after = await status()
    expect(after.podIP).toBe(before.podIP)
    expect(after.containerStatuses).toEqual(before.containerStatuses)
    const down = (...more: readonly string[]) => astern('down', '--data', dataDir, ...more)
    expect(await down('--keep-pods')).toMatchObject({ stdout: 'astern is down; pods go on\n' })
    await second.kill('SIGKILL')
    const stdout = 'no engine is running here; what it has left goes on\n'
    expect(await down('--keep-pods')).toMatchObject({ code: 0, stdout })
    expect(await sandboxes()).toHaveLength(1)
    expect(await down()).toMatchObject({ code: 0 })
    expect(await sandboxes()).toEqual([])
  })

  test('another runtime, or another socket, on the same data is refused', async () => {
    const up = (...more: readonly string[]) => astern('up', '--data', dataDir, ...more)
    const { stderr } = await up('--runtime', 'process')
    expect(stderr).toContain(`${dataDir} was made with --runtime containerd`)
    expect((await up('--cri-socket', '/other.sock')).stderr).toContain('--cri-socket')
  })

  test('no containerd, or one that has CRI switched off, is told with what would help', async () => {
    const up = async (socket: string) => {
      const dir = mkdtempSync(join(tmpdir(), 'astern-refused-'))
      const asked = ['--runtime', 'containerd', '--cri-socket', socket]
      const ran = await astern('up', '--data', dir, '--listen', '127.0.0.1:0', ...asked)
      rmSync(dir, { recursive: true })
      return ran
    }
    expect(await up('/no/such.sock')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no containerd at \/no\/such.sock: install and start it/),
    })
    const silent = await GivenContainerd.start({ hasCri: false })
    const { code, stderr } = await up(silent.socket)
    await silent.stop()
    const line = /(\S+), line (\d+), names "cri" among disabled_plugins/.exec(stderr)
    expect([code, line?.[1]]).toEqual([1, silent.config])
    expect(line?.[2]).toBe('1')
  })
}
