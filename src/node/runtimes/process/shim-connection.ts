import type { Socket } from 'node:net'
import { connectToCompanion } from '../../../base/companion-process.ts'
import type { Layout } from './layout.ts'

/** Connects to the data directory's shim; starts one when there is none. */
export function connectToShim(layout: Layout, shimCommand: readonly string[]): Promise<Socket> {
  return connectToCompanion({
    name: 'the shim',
    command: shimCommand,
    dataDir: layout.dataDir,
    socket: layout.shimSocket,
    log: layout.shimLog,
  })
}
