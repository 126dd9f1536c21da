import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../../base/assert.ts'
import { socketPath } from '../../../base/run-directory.ts'
import type { ContainerRef } from '../../runtime.ts'

/** Where the process runtime keeps what it keeps (design: on disk). `dataDir` must exist. */
export interface Layout {
  readonly dataDir: string
  readonly podsDir: string
  readonly runDir: string
  readonly shimSocket: string
  /** For commands that somebody is connected to. */
  readonly execSocket: string
  readonly shimLock: string
  readonly shimLog: string
  podDir(podUid: string): string
  sandboxFile(podUid: string): string
  homeDir(podUid: string): string
  temporaryDir(podUid: string): string
  volumesDir(podUid: string): string
  /** What containers of OCI images write. */
  scratchDir(podUid: string): string
  containerDir(ref: ContainerRef): string
  logFile(ref: ContainerRef): string
}

export function layoutOf(dataDirAsGiven: string): Layout {
  const dataDir = realpathSync(dataDirAsGiven)
  const runDir = join(dataDir, 'run')
  const podsDir = join(dataDir, 'pods')
  const podDir = (podUid: string) => join(podsDir, fileName(podUid))
  const containerDir = (ref: ContainerRef) => join(podDir(ref.podUid), fileName(ref.container))
  return {
    dataDir,
    podsDir,
    runDir,
    shimSocket: socketPath(runDir, 'shim.sock'),
    execSocket: socketPath(runDir, 'exec.sock'),
    shimLock: join(runDir, 'shim.lock'),
    shimLog: join(runDir, 'shim.log'),
    podDir,
    sandboxFile: (podUid) => join(podDir(podUid), 'sandbox.json'),
    homeDir: (podUid) => join(podDir(podUid), '.home'),
    temporaryDir: (podUid) => join(podDir(podUid), '.tmp'),
    volumesDir: (podUid) => join(podDir(podUid), '.volumes'),
    scratchDir: (podUid) => join(podDir(podUid), '.scratch'),
    containerDir,
    logFile: (ref) => join(containerDir(ref), `${ref.restart}.log`),
  }
}

/** Uids and container names become directories: nothing that could lead out of them. */
function fileName(name: string): string {
  assert(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name), `not usable as a file name: ${name}`)
  return name
}
