import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface DataPlaneCommands {
  readonly shim: readonly string[]
  readonly proxy: readonly string[]
  /** What ends them all. */
  readonly leash: readonly string[]
}

const here = new URL('./', import.meta.url)

function fromDist(name: string): readonly string[] | undefined {
  const file = fileURLToPath(new URL(name, here))
  return existsSync(file) ? [process.execPath, file] : undefined
}

/**
 * In a checkout that is not built: the sources, through the loader that runs this process already.
 */
function fromSource(path: string): readonly string[] {
  const file = fileURLToPath(new URL(`../${path}`, here))
  return [process.execPath, '--import', import.meta.resolve('tsx'), file]
}

/**
 * How the processes of the data plane are started: what is built beside this file, else the
 * sources.
 */
export function dataPlaneCommands(): DataPlaneCommands {
  return {
    shim: fromDist('shim-main.js') ?? fromSource('node/runtimes/process/shim/main.ts'),
    proxy: fromDist('proxy-main.js') ?? fromSource('proxy/process/main.ts'),
    leash: fromDist('leash-main.js') ?? fromSource('cluster/leash-main.ts'),
  }
}
