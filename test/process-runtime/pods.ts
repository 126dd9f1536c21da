import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ContainerRecord,
  type ContainerSpec,
  type Runtime,
  refKey,
} from '../../src/node/runtime.ts'
import type { ProcessRuntimeFixture } from '../../src/node/runtimes/process/process-runtime.fixture.ts'
import { newContainer, startInPod } from '../../src/node/runtimes/runtime.contract.ts'

/** A container of the image `app` that runs a shell script, in a pod of its own. */
export function scripted(script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return { ...newContainer('runs'), image: 'app', command: ['sh', '-c', script], ...more }
}

export async function startScript(runtime: Runtime, script: string): Promise<ContainerSpec> {
  const spec = scripted(script)
  await startInPod(runtime, spec)
  return spec
}

/** Polls until `probe` gives something; the test's own timeout bounds it. */
export async function eventually<T>(
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export function recordOf(runtime: Runtime, spec: ContainerSpec): Promise<ContainerRecord> {
  return eventually(async () =>
    (await runtime.containers()).find((record) => refKey(record) === refKey(spec)),
  )
}

/** The record of a container once it has ended. */
export function ended(runtime: Runtime, spec: ContainerSpec): Promise<ContainerRecord> {
  return eventually(async () => {
    const record = await recordOf(runtime, spec)
    return record.state.phase === 'exited' ? record : undefined
  })
}

export async function exitCodeOf(runtime: Runtime, spec: ContainerSpec) {
  const { state } = await ended(runtime, spec)
  return state.phase === 'exited' ? state.exitCode : undefined
}

export async function logOf(
  runtime: Runtime,
  spec: ContainerSpec,
  follow = false,
): Promise<string> {
  const chunks: Uint8Array[] = []
  const options = { container: spec.container, follow }
  const { signal } = new AbortController()
  for await (const chunk of runtime.readLog(spec, options, signal)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** A file the program has written to its TMPDIR, once it ends in a newline. */
export function fileOf(
  fixture: ProcessRuntimeFixture,
  spec: ContainerSpec,
  name: string,
): Promise<string> {
  return eventually(() => {
    try {
      const text = readFileSync(join(fixture.dataDir, 'pods', spec.podUid, '.tmp', name), 'utf8')
      return text.endsWith('\n') ? text.trimEnd() : undefined
    } catch {
      return undefined
    }
  })
}
