import type { EndpointSlice, Service } from '../api/generated/types.ts'
import { clusterDomain, namesOf } from './names.ts'
import type { NameTable, ProxyMessage } from './protocol.ts'
import type { Withheld } from './table.ts'

const dnsPort = 53
/** Says whom this machine asks about names, and so the cluster's DNS about those of others. */
export const machineResolvConf = '/etc/resolv.conf'

/** The Service whose address is the DNS's, by upstream's name. */
export const dnsService = { namespace: 'kube-system', name: 'kube-dns' } as const

export interface NameSources {
  /** The address of the Service that is the DNS; undefined while there is none. */
  readonly address: () => string | undefined
  readonly services: () => readonly Service[]
  readonly slicesOf: (serviceKey: string) => readonly EndpointSlice[]
}

/** Keeps the proxy's DNS informed, and knows whether it listens. */
export class NamePublisher {
  /** Resolves when it is known whether the DNS listens; at once while there is to be none. */
  readonly settled: Promise<void>
  readonly #sources: NameSources
  readonly #send: (line: string) => void
  #sent = ''
  #server: string | undefined
  #failure: Withheld | undefined
  #onSettled: () => void = () => {}

  constructor(sources: NameSources, send: (line: string) => void) {
    this.#sources = sources
    this.#send = send
    this.settled = new Promise((resolve) => {
      this.#onSettled = resolve
    })
  }

  /** Where containers find the DNS; undefined while it does not listen. */
  get server(): string | undefined {
    return this.#server
  }

  /** What keeps it from listening, if anything. */
  get withheld(): readonly Withheld[] {
    return this.#failure ? [this.#failure] : []
  }

  /** Sends what has changed. */
  publish(): void {
    const ip = this.#sources.address()
    if (ip === undefined) {
      this.#onSettled()
      return
    }
    const { services, slicesOf } = this.#sources
    const table: NameTable = {
      address: { ip, port: dnsPort },
      domain: clusterDomain,
      names: namesOf(services(), slicesOf),
      resolvConf: machineResolvConf,
    }
    const text = JSON.stringify({ type: 'names', table })
    if (text === this.#sent) return
    this.#sent = text
    this.#send(text)
  }

  /** To a proxy that has not heard it, or could not listen. */
  publishAnew(): void {
    this.#sent = ''
    this.publish()
  }

  named({ address, failure }: Extract<ProxyMessage, { readonly type: 'named' }>): void {
    this.#server = failure === undefined ? address.ip : undefined
    this.#failure =
      failure === undefined ? undefined : { ...address, ...dnsService, why: reasonOf(failure) }
    this.#onSettled()
  }
}

function reasonOf(code: string): string {
  const instead = 'containers are told of Services by environment variables alone'
  if (code !== 'EACCES') return `${code}; ${instead}`
  const help = 'run Astern as root, or set the sysctl net.ipv4.ip_unprivileged_port_start to 53'
  return `ports below 1024 need root: ${help}; until then ${instead}`
}
