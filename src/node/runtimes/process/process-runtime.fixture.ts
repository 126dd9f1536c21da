import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { systemContext } from '../../../base/context.ts'
import { deleteSnapshot } from '../../images/snapshot.ts'
import { ImageStore } from '../../images/store.ts'
import type { Runtime } from '../../runtime.ts'
import { processRuntime } from './runtime.ts'

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** The shim from source, as it runs from `dist` in the product. */
export const shimCommand: readonly string[] = [
  process.execPath,
  '--import',
  tsx,
  fileURLToPath(new URL('./shim/main.ts', import.meta.url)),
]

/** A data directory with images made of shell commands. */
export interface ProcessRuntimeFixture {
  readonly dataDir: string
  readonly runtime: Runtime
  addImage(reference: string, command: readonly string[]): Promise<void>
  /** One more client of the same data directory. */
  open(): Promise<Runtime>
  /** Removes all pods and files; the shim ends by itself when the last client has gone. */
  dispose(): Promise<void>
}

export async function processRuntimeFixture(): Promise<ProcessRuntimeFixture> {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-process-runtime-'))
  const source = mkdtempSync(join(tmpdir(), 'astern-image-'))
  writeFileSync(join(source, 'about.txt'), 'an image of the tests\n')
  const images = new ImageStore(dataDir)
  const opened: Runtime[] = []
  const open = async () => {
    const runtime = await processRuntime({ dataDir, context: systemContext(), shimCommand })
    opened.push(runtime)
    return runtime
  }
  return {
    dataDir,
    runtime: await open(),
    open,
    addImage: async (reference, command) => {
      await images.add(reference, source, command)
    },
    dispose: async () => {
      await removeEverything(await open())
      for (const runtime of opened) await runtime.close()
      rmSync(source, { recursive: true })
      await deleteSnapshot(dataDir)
    },
  }
}

async function removeEverything(runtime: Runtime): Promise<void> {
  const sandboxes = await runtime.sandboxes()
  await Promise.all(sandboxes.map(({ podUid }) => runtime.removeSandbox(podUid)))
}
