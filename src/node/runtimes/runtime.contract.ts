import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ContainerRecord,
  type ContainerRef,
  type ContainerSpec,
  type Runtime,
  refKey,
} from '../runtime.ts'

/**
 * Images that the suite expects: `runs` until it is stopped; `stubborn` too, but ignores SIGTERM
 * and says so by the file `$TMPDIR/ready`; `fails` ends with exit code 3 soon after its start;
 * `prints` writes `out` to stdout and `oops` to stderr and ends; `absent` is not there.
 */
export type ContractImage = 'runs' | 'stubborn' | 'fails' | 'prints' | 'absent'

export interface ContractSubject {
  readonly runtime: Runtime
  /** A second Runtime on what the first has started, which is let go of. */
  reopen(): Promise<Runtime>
  /** Ends everything. */
  dispose(): Promise<void>
}

export interface RuntimeContract {
  open(): Promise<ContractSubject>
  /** What cannot be asked of this runtime, each with the reason; it is then not tested. */
  readonly notApplicable: Readonly<Partial<Record<'logs' | 'survival', string>>>
}

let lastPod = 0

/** A pod of its own for every test, with one container of `image`. */
export function newContainer(image: ContractImage): ContainerSpec {
  const podUid = `pod-${process.pid}-${++lastPod}`
  return {
    podUid,
    container: 'app',
    restart: 0,
    namespace: 'default',
    podName: podUid,
    image,
    command: [],
    args: [],
    workingDir: undefined,
    env: [],
    mounts: [],
    systemMounts: async () => [],
    user: undefined,
    limits: { cpuMillis: undefined, memoryBytes: undefined },
  }
}

export async function startInPod(runtime: Runtime, spec: ContainerSpec): Promise<ContainerRecord> {
  const { podUid, namespace, podName } = spec
  await runtime.runSandbox({ podUid, namespace, name: podName, ports: [] })
  return runtime.startContainer(spec)
}

/** A stubborn program is one only when it has got as far as ignoring the signal. */
async function startStubborn(runtime: Runtime, spec: ContainerSpec): Promise<void> {
  await startInPod(runtime, spec)
  const isReady = ['sh', '-c', 'test -e "$TMPDIR/ready"']
  while ((await runtime.exec(spec, isReady, 5_000)).exitCode !== 0);
}

/** Call it before the container can end. */
export function exitOf(runtime: Runtime, ref: ContainerRef): Promise<ContainerRecord> {
  return new Promise((resolve) => {
    const stop = runtime.onExit((record) => {
      if (refKey(record) !== refKey(ref)) return
      stop()
      resolve(record)
    })
  })
}

export async function recordsOf(runtime: Runtime, podUid: string) {
  return (await runtime.containers()).filter((record) => record.podUid === podUid)
}

/** What every Runtime promises. */
export function describeRuntime(name: string, contract: RuntimeContract): void {
  describe(name, () => {
    let subject: ContractSubject
    beforeAll(async () => {
      subject = await contract.open()
    })
    afterAll(() => subject.dispose())
    const runtime = () => subject.runtime

    describeImages(runtime)
    describeSandboxes(runtime)
    describeContainers(runtime)
    describeStopping(runtime)
    if (!contract.notApplicable.logs) describeLogs(runtime)
    if (!contract.notApplicable.survival) describeSurvival(() => subject)
  })
}

type RuntimeOf = () => Runtime

function describeImages(runtime: RuntimeOf): void {
  describe('images', () => {
    test('a known image has a digest, whatever form its name has (F-05)', async () => {
      const pulled = await runtime().pullImage('runs')
      expect(pulled.imageId).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(await runtime().imageStatus('docker.io/library/runs:latest')).toEqual(pulled)
    })

    test.each([
      ['absent', 'ErrImagePull', /absent/],
      ['Not A Name', 'InvalidImageName', /couldn't parse image name "Not A Name": invalid/],
    ])('%s cannot be had: %s (F-03)', async (image, reason, message) => {
      expect(await runtime().imageStatus(image)).toBeUndefined()
      await expect(runtime().pullImage(image)).rejects.toMatchObject({
        name: 'ImageUnavailable',
        reason,
        message: expect.stringMatching(message),
      })
    })

    test('a container of an absent image is refused, and nothing is left of it', async () => {
      const spec = newContainer('absent')
      await expect(startInPod(runtime(), spec)).rejects.toMatchObject({ name: 'ImageUnavailable' })
      expect(await recordsOf(runtime(), spec.podUid)).toEqual([])
    })
  })
}

function describeSandboxes(runtime: RuntimeOf): void {
  describe('sandboxes', () => {
    const sandboxOf = (podUid: string) =>
      runtime().runSandbox({ podUid, namespace: 'default', name: podUid, ports: [] })

    test('a sandbox is made once and listed until it is removed', async () => {
      const { podUid } = newContainer('runs')
      const [first, second] = await Promise.all([sandboxOf(podUid), sandboxOf(podUid)])
      expect(second).toEqual(first)
      expect(await runtime().sandboxes()).toContainEqual(first)
      await runtime().removeSandbox(podUid)
      expect(await runtime().sandboxes()).not.toContainEqual(first)
      await runtime().removeSandbox(podUid)
    })

    test('no two pods have the same address and port', async () => {
      const uids = Array.from({ length: 20 }, () => newContainer('runs').podUid)
      const sandboxes = await Promise.all(uids.map(sandboxOf))
      const addresses = sandboxes.map(({ ip, ports }) => `${ip}:${ports[0] ?? 'any'}`)
      expect(new Set(addresses).size).toBe(uids.length)
    })

    test('a container needs one', async () => {
      await expect(runtime().startContainer(newContainer('runs'))).rejects.toMatchObject({
        name: 'StartFailed',
        reason: 'CreateContainerError',
      })
    })
  })
}

function describeContainers(runtime: RuntimeOf): void {
  describe('containers', () => {
    test('runs, and a second start of the same ref changes nothing', async () => {
      const spec = newContainer('runs')
      const [record, again] = [await startInPod(runtime(), spec), await startInPod(runtime(), spec)]
      expect(record).toMatchObject({ podUid: spec.podUid, container: 'app', restart: 0 })
      expect(record.containerId).toMatch(new RegExp(`^${runtime().name}://.+`))
      expect(record.imageId).toBe((await runtime().imageStatus('runs'))?.imageId)
      expect(record.state).toEqual({ phase: 'running', startedAtMs: expect.any(Number) })
      expect(again).toEqual(record)
      expect(await recordsOf(runtime(), spec.podUid)).toEqual([record])
    })

    test('an end by itself is told with its exit code, after the start was answered', async () => {
      const spec = newContainer('fails')
      const exit = exitOf(runtime(), spec)
      expect((await startInPod(runtime(), spec)).state.phase).toBe('running')
      const record = await exit
      expect(record.state).toMatchObject({ phase: 'exited', exitCode: 3 })
      if (record.state.phase !== 'exited') return
      expect(record.state.finishedAtMs).toBeGreaterThanOrEqual(record.state.startedAtMs)
      expect(await recordsOf(runtime(), spec.podUid)).toEqual([record])
      expect(await startInPod(runtime(), spec)).toEqual(record)
    })

    test('a listener that was taken off hears nothing', async () => {
      const heard: ContainerRecord[] = []
      runtime().onExit((record) => heard.push(record))()
      const spec = newContainer('fails')
      const exit = exitOf(runtime(), spec)
      await startInPod(runtime(), spec)
      await exit
      expect(heard).toEqual([])
    })

    test('of the starts before the present one only the last is kept', async () => {
      const spec = newContainer('fails')
      const ids = new Set<string>()
      for (const restart of [0, 1, 2]) {
        const exit = exitOf(runtime(), { ...spec, restart })
        ids.add((await startInPod(runtime(), { ...spec, restart })).containerId)
        await exit
      }
      expect(ids.size).toBe(3)
      const kept = (await recordsOf(runtime(), spec.podUid)).map(({ restart }) => restart)
      expect(kept.sort()).toEqual([1, 2])
    })

    test('a command in a running container ends with code 0, in an ended one it is refused', async () => {
      const spec = newContainer('runs')
      await startInPod(runtime(), spec)
      expect(await runtime().exec(spec, ['true'], 5_000)).toEqual({ exitCode: 0, output: '' })
      await runtime().stopContainer(spec, 0)
      await expect(runtime().exec(spec, ['true'], 5_000)).rejects.toThrow('not running')
    })
  })
}

function describeStopping(runtime: RuntimeOf): void {
  describe('stopping (F-10)', () => {
    test.each([
      { title: 'SIGTERM is obeyed', image: 'runs', graceMs: 10_000, exitCode: 143 },
      { title: 'SIGTERM is ignored', image: 'stubborn', graceMs: 100, exitCode: 137 },
      { title: 'there is no grace', image: 'runs', graceMs: 0, exitCode: 137 },
    ] as const)('$title', async ({ image, graceMs, exitCode }) => {
      const spec = newContainer(image)
      if (image === 'stubborn') await startStubborn(runtime(), spec)
      else await startInPod(runtime(), spec)
      await runtime().stopContainer(spec, graceMs)
      const [record] = await recordsOf(runtime(), spec.podUid)
      expect(record?.state).toMatchObject({ phase: 'exited', exitCode })
    })

    test('a second call shortens the grace, never lengthens it', async () => {
      const spec = newContainer('stubborn')
      await startStubborn(runtime(), spec)
      const patient = runtime().stopContainer(spec, 600_000)
      await runtime().stopContainer(spec, 50)
      await patient
      await runtime().stopContainer(spec, 600_000)
    })

    test('stopping what is not there is done at once', async () => {
      await runtime().stopContainer(newContainer('runs'), 10_000)
    })

    test('removing the sandbox kills and forgets its containers', async () => {
      const spec = newContainer('stubborn')
      await startInPod(runtime(), spec)
      const exit = exitOf(runtime(), spec)
      await runtime().removeSandbox(spec.podUid)
      expect((await exit).state).toMatchObject({ exitCode: 137 })
      expect(await recordsOf(runtime(), spec.podUid)).toEqual([])
    })
  })
}

function describeLogs(runtime: RuntimeOf): void {
  test('both streams are in the log, and following it ends with the container', async () => {
    const spec = newContainer('prints')
    await startInPod(runtime(), spec)
    const chunks: Uint8Array[] = []
    const options = { container: 'app', follow: true }
    const { signal } = new AbortController()
    for await (const chunk of runtime().readLog(spec, options, signal)) chunks.push(chunk)
    const lines = Buffer.concat(chunks).toString().split('\n')
    expect(lines.sort()).toEqual(['', 'oops', 'out'])
  })
}

function describeSurvival(subject: () => ContractSubject): void {
  test('containers outlive the runtime object, and the next one finds them', async () => {
    const spec = newContainer('runs')
    const record = await startInPod(subject().runtime, spec)
    const sandboxes = await subject().runtime.sandboxes()
    const next = await subject().reopen()
    expect(await recordsOf(next, spec.podUid)).toEqual([record])
    expect(await next.sandboxes()).toEqual(expect.arrayContaining([...sandboxes]))
    expect(await startInPod(next, spec)).toEqual(record)
    await next.stopContainer(spec, 5_000)
    await next.close()
  })
}
