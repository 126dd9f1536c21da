import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { required } from '../../../base/assert.ts'
import { type ClaimHolder, claimFile, keepClaim, releaseClaim } from '../../../base/claim-file.ts'
import { type Prng, randomInt } from '../../../base/prng.ts'

/** The engine's own range: below the NodePorts (30000-32767) and below Linux's ephemeral ports. */
const firstPort = 20_000
const lastPort = 29_999

export interface PortLeasesOptions {
  /** Shared by all engines of this user on this machine: one file per port, naming its holder. */
  readonly dir: string
  readonly prng: Prng
}

/** Real ports for process pods, each held by at most one engine on the machine. */
export class PortLeases {
  readonly #dir: string
  readonly #prng: Prng
  readonly #candidates = portCandidates(readEphemeralRange())
  readonly #mine = new Set<number>()
  #holder: ClaimHolder | undefined

  constructor(options: PortLeasesOptions) {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 })
    this.#dir = options.dir
    this.#prng = options.prng
  }

  /** Ports leased by this engine before it was started again. */
  keep(ports: readonly number[]): void {
    for (const port of ports) this.#mine.add(port)
  }

  /**
   * Names the process that stands for all leases from now on. Returns those of its ports that
   * another engine has taken meanwhile.
   */
  holdAs(holder: ClaimHolder): readonly number[] {
    this.#holder = holder
    return [...this.#mine].filter((port) => !keepClaim(this.#file(port), holder))
  }

  /** A port that nobody holds and nothing listens on; those that were leased once come last. */
  async lease(): Promise<number> {
    const leased = new Set(readdirSync(this.#dir).map(Number))
    const start = randomInt(this.#prng, this.#candidates.length)
    for (const isFresh of [true, false]) {
      for (let step = 0; step < this.#candidates.length; step++) {
        const port = this.#candidates[(start + step) % this.#candidates.length]
        if (port === undefined || leased.has(port) === isFresh || !this.#tryClaim(port)) continue
        if (await isFree(port)) return port
        this.release(port)
      }
    }
    throw new Error(`no free port is left between ${firstPort} and ${lastPort}`)
  }

  release(port: number): void {
    if (this.#holder && this.#mine.delete(port)) releaseClaim(this.#file(port), this.#holder)
  }

  #tryClaim(port: number): boolean {
    if (!claimFile(this.#file(port), required(this.#holder, 'holder of the leases'))) return false
    this.#mine.add(port)
    return true
  }

  #file(port: number): string {
    return join(this.#dir, String(port))
  }
}

/** The engine's range without the kernel's ephemeral ports, unless those leave nothing of it. */
export function portCandidates(ephemeral: readonly [number, number]): readonly number[] {
  const all = Array.from({ length: lastPort - firstPort + 1 }, (_, index) => firstPort + index)
  const outside = all.filter((port) => port < ephemeral[0] || port > ephemeral[1])
  return outside.length > 0 ? outside : all
}

function readEphemeralRange(): readonly [number, number] {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    const [low, high] = text.trim().split(/\s+/).map(Number)
    return [low ?? 0, high ?? 0]
  } catch {
    return [49_152, 65_535]
  }
}

/** Whether a program could listen on it, on any address. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
