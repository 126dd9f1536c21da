import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { required } from '../../base/assert.ts'
import { type ClaimHolder, claimFile, releaseClaim } from '../../base/claim-file.ts'
import { identityOf } from '../../base/process-identity.ts'
import { machineWideDir } from '../../base/run-directory.ts'

const triesMax = 200

export interface PortClaim {
  readonly port: number
  release(): void
}

export interface PortClaimOptions {
  /** The first one that is tried. */
  readonly first: number
  /** For people who wonder what holds a port. */
  readonly note: string
  /** Default: this process, for as long as it lives. */
  readonly holder?: ClaimHolder
}

/**
 * The first port from `first` on that nobody has, on loopback or on all addresses, and no other
 * story has claimed: between the look and the moment the proxy listens there are seconds.
 */
export async function claimFreePort(options: PortClaimOptions): Promise<PortClaim> {
  const { first, note } = options
  const self = required(identityOf(process.pid), 'identity of this process')
  const holder = options.holder ?? { ...self, note }
  const dir = machineWideDir('service-ports')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  for (let port = first; port < first + triesMax; port++) {
    const file = join(dir, String(port))
    if (!claimFile(file, holder)) continue
    const release = () => releaseClaim(file, holder)
    if ((await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'))) {
      return { port, release }
    }
    release()
  }
  throw new Error(`no port from ${first} to ${first + triesMax - 1} is free`)
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
