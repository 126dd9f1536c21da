import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { pods } from '../../src/api/scheme.ts'
import { isHeld } from '../../src/base/claim-file.ts'
import { systemContext } from '../../src/base/context.ts'
import { HttpTransport } from '../../src/client/http-transport.ts'
import { loadKubeconfig } from '../../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../../src/node/images/snapshot.ts'
import { ImageStore } from '../../src/node/images/store.ts'
import { proxyLayout } from '../../src/proxy/layout.ts'
import { astern } from '../engine-process.fixture.ts'
import { markedProcesses } from '../process-runtime/marked-processes.ts'

const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
const inDefault = { namespace: 'default' }
const eventually = { timeout: 30_000, interval: 50 }
const running: ChildProcess[] = []
const kept: string[] = []

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  for (const dataDir of kept.splice(0)) {
    await astern('down', '--data', dataDir)
    await deleteSnapshot(dataDir)
  }
})

/** A program that has a cluster of its own, and stops it when it gets a line. */
async function embed(options: object) {
  const program = `
    import { startCluster } from ${JSON.stringify(library)}
    const cluster = await startCluster(${JSON.stringify(options)})
    console.log(cluster.kubeconfig)
    process.stdin.once('data', async () => { await cluster.stop(); process.stdin.destroy() })`
  const args = ['--input-type=module', '-e', program]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  running.push(child)
  const [kubeconfig] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, kubeconfig: kubeconfig as string, dataDir: dirname(kubeconfig as string) }
}

/** The id of a container that runs in it. */
async function runPod({ kubeconfig, dataDir }: { kubeconfig: string; dataDir: string }) {
  const source = mkdtempSync(join(tmpdir(), 'astern-image-'))
  await new ImageStore(dataDir).add('app:1', source, ['sleep', '1000'])
  const access = await loadKubeconfig({ files: [kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  const containers = [{ name: 'app', image: 'app:1' }]
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec: { containers } }
  await transport.create(pods, inDefault, pod)
  const id = async () => {
    const { status } = await transport.get(pods, { ...inDefault, name: 'app' })
    const [first] = status?.containerStatuses ?? []
    return first?.ready ? first.containerID : undefined
  }
  await expect.poll(id, eventually).toBeDefined()
  const containerId = (await id()) ?? ''
  transport.close()
  expect(markedProcesses(containerId)).not.toEqual([])
  return containerId
}

/** Of whatever names the directory among its arguments. */
const processesOf = (dataDir: string) =>
  execFileSync('ps', ['-eo', 'args'])
    .toString()
    .split('\n')
    .filter((line) => line.includes(dataDir))

it('a cluster without data of its own ends with its program, however that ends', async () => {
  const cluster = await embed({})
  const containerId = await runPod(cluster)
  expect(isHeld(proxyLayout(cluster.dataDir).lock)).toBe(true)
  cluster.child.kill('SIGKILL')
  await expect.poll(() => existsSync(cluster.dataDir), eventually).toBe(false)
  expect(markedProcesses(containerId)).toEqual([])
  await expect.poll(() => processesOf(cluster.dataDir), eventually).toEqual([])
})

it('a cluster that is stopped leaves nothing behind, and lets its program end', async () => {
  const cluster = await embed({})
  const containerId = await runPod(cluster)
  const ended = once(cluster.child, 'exit')
  cluster.child.stdin?.write('\n')
  expect(await ended).toEqual([0, null])
  expect(existsSync(cluster.dataDir)).toBe(false)
  expect(markedProcesses(containerId)).toEqual([])
  await expect.poll(() => processesOf(cluster.dataDir), eventually).toEqual([])
})

it('pods on data that are kept outlive their program', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-kept-'))
  kept.push(dataDir)
  const first = await embed({ dataDir })
  const containerId = await runPod(first)
  const ended = once(first.child, 'exit')
  first.child.kill('SIGKILL')
  await ended
  await embed({ dataDir })
  expect(markedProcesses(containerId)).not.toEqual([])
  expect(isHeld(proxyLayout(dataDir).lock)).toBe(true)
})
