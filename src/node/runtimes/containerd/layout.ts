import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../../base/assert.ts'
import { markOf } from '../../network/ip-tool.ts'
import type { ContainerRef } from '../../runtime.ts'

/** Where the containerd runtime keeps what it keeps (design: on disk). `dataDir` must exist. */
export interface Layout {
  readonly dataDir: string
  /** Names the engine that keeps its data here. */
  readonly engine: string
  /** The images that were pulled for this engine. */
  readonly imagesFile: string
  podDir(podUid: string): string
  volumesDir(podUid: string): string
  hostsFile(podUid: string): string
  logFile(ref: ContainerRef): string
  /** The same, as seen from the pod's directory. */
  logPath(ref: ContainerRef): string
}

export function layoutOf(dataDirAsGiven: string): Layout {
  const dataDir = realpathSync(dataDirAsGiven)
  const podDir = (podUid: string) => join(dataDir, 'pods', fileName(podUid))
  const logPath = ({ container, restart }: ContainerRef) =>
    join(fileName(container), `${restart}.log`)
  return {
    dataDir,
    engine: markOf(dataDir),
    imagesFile: join(dataDir, 'pulled-images.json'),
    podDir,
    volumesDir: (podUid) => join(podDir(podUid), '.volumes'),
    hostsFile: (podUid) => join(podDir(podUid), '.hosts'),
    logPath,
    logFile: (ref) => join(podDir(ref.podUid), logPath(ref)),
  }
}

/** Uids and container names become directories: nothing that could lead out of them. */
function fileName(name: string): string {
  assert(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name), `not usable as a file name: ${name}`)
  return name
}
