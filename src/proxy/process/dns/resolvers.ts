import { readFileSync, statSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import type { Address } from '../../protocol.ts'

const port = 53
/** How long the file is believed without a look at it. */
const lookMs = 2_000
/** As many as the C library asks. */
const resolversMax = 3

/** Whom this machine asks, as its `resolv.conf` says; machines move between networks. */
export class Resolvers {
  readonly #path: string
  /** Asking ourselves would never end. */
  readonly #self: Address
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #changedAtMs = 0
  #found: readonly Address[] = []

  constructor(path: string, self: Address) {
    this.#path = path
    this.#self = self
  }

  /** Empty when there is none. */
  find(): readonly Address[] {
    if (performance.now() - this.#lookedAtMs < lookMs) return this.#found
    this.#lookedAtMs = performance.now()
    const changedAtMs = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (changedAtMs !== this.#changedAtMs) this.#found = this.#read()
    this.#changedAtMs = changedAtMs
    return this.#found
  }

  #read(): readonly Address[] {
    try {
      return resolversIn(readFileSync(this.#path, 'utf8')).filter(
        ({ ip, port }) => ip !== this.#self.ip || port !== this.#self.port,
      )
    } catch {
      return []
    }
  }
}

/** IPv4 only. `127.0.0.1:5353` is an extension of ours. */
export function resolversIn(text: string): readonly Address[] {
  return text
    .split('\n')
    .flatMap((line) => {
      const [, value = ''] = /^\s*nameserver\s+(\S+)/.exec(line) ?? []
      const [ip = '', ownPort] = value.split(':')
      return isIPv4(ip) ? [{ ip, port: ownPort ? Number(ownPort) : port }] : []
    })
    .slice(0, resolversMax)
}
