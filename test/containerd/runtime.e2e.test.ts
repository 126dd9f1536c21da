import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemContext } from '../../src/base/context.ts'
import type { ContainerSpec, Runtime } from '../../src/node/runtime.ts'
import { containerdRuntime } from '../../src/node/runtimes/containerd/runtime.ts'
import { newContainer, startInPod } from '../../src/node/runtimes/runtime.contract.ts'
import { describeContainerd } from './describe-containerd.ts'
import { busyboxImage, GivenContainerd } from './given-containerd.ts'
import { eventually, sh } from './given-pods.ts'

describeContainerd('over time', () => describe('over time', describeTimes))

/** 12 MB in lines that are easily counted, then a word now and then. */
const linesMany = 1200
const talks = `x=$(head -c 10000 /dev/zero | tr "\\0" x); n=0
  while [ $n -lt ${linesMany} ]; do echo $x; n=$((n + 1)); done
  while :; do echo tick; sleep 0.2; done`

function describeTimes(): void {
  let containerd: GivenContainerd
  let dataDir: string
  let runtime: Runtime
  let talker: ContainerSpec
  beforeAll(async () => {
    containerd = await GivenContainerd.start()
    containerd.registry.push('library/runs:latest', busyboxImage(sh(talks).command))
    dataDir = mkdtempSync(join(tmpdir(), 'astern-containerd-times-'))
    const { socket: socketPath } = containerd
    const healthTimes = { askMs: 100, downAfterMs: 500 }
    runtime = await containerdRuntime({
      dataDir,
      socketPath,
      context: systemContext(),
      healthTimes,
    })
    await runtime.pullImage('runs')
    talker = newContainer('runs')
    await startInPod(runtime, talker)
  })
  afterAll(async () => {
    await runtime?.close()
    await containerd?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('of the images only those that were pulled here, and that no container is of, can go', async () => {
    const { pulled } = runtime
    for (const name of ['idle', 'foreign']) {
      containerd.registry.push(`library/${name}:latest`, busyboxImage([name]))
    }
    const image = { image: 'docker.io/library/foreign:latest' }
    await containerd.withCri((cri) => cri.call('PullImage', { image }))
    await runtime.pullImage('foreign')
    await runtime.pullImage('idle')
    const shown = async () =>
      new Map((await pulled?.list())?.map((one) => [one.references.join(), one]))
    const before = await shown()
    expect([...before.keys()].sort()).toEqual([
      'docker.io/library/idle:latest',
      'docker.io/library/runs:latest',
    ])
    const idle = before.get('docker.io/library/idle:latest')
    expect([idle?.isUsed, before.get('docker.io/library/runs:latest')?.isUsed]).toEqual([
      false,
      true,
    ])
    expect(idle?.sizeBytes).toBeGreaterThan(100_000)
    if (idle) await pulled?.remove(idle)
    expect([...(await shown()).keys()]).toEqual(['docker.io/library/runs:latest'])
    expect(await runtime.imageStatus('idle')).toBeUndefined()
    const { freeBytes = 0, bytes = 0 } = (await pulled?.disk()) ?? {}
    expect(freeBytes).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(freeBytes)
  })

  test('a log is rotated at 10 MB, and read over all files', async () => {
    const path = join(dataDir, 'pods', talker.podUid, 'app', '0.log')
    await expect.poll(() => existsSync(`${path}.1`), eventually).toBe(true)
    const hasGoneOn = () => existsSync(path) && /tick/.test(readFileSync(path, 'utf8'))
    await expect.poll(hasGoneOn, eventually).toBe(true)
    const { signal } = new AbortController()
    const options = { container: 'app', follow: false, previous: false, timestamps: false }
    let text = ''
    for await (const chunk of runtime.readLog(talker, options, signal)) {
      text += Buffer.from(chunk).toString('latin1')
    }
    expect(text.split('\n').filter((line) => line.length === 10_000)).toHaveLength(linesMany)
    expect(text).toMatch(/\ntick\n$/)
  })

  test('a containerd that does not answer is trouble, until it answers again', async () => {
    expect(runtime.trouble?.()).toBeUndefined()
    await containerd.end('SIGKILL')
    await expect.poll(() => runtime.trouble?.(), eventually).toBe('container runtime is down')
    await containerd.run()
    await expect.poll(() => runtime.trouble?.(), eventually).toBeUndefined()
  })
}
