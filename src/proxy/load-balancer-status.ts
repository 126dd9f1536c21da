import type { Service } from '../api/generated/types.ts'
import { keyOf } from '../api/object.ts'
import { services } from '../api/scheme.ts'
import type { Transport } from '../api/transport.ts'
import type { Context } from '../base/context.ts'
import type { Address } from './protocol.ts'
import { isLoadBalancer, loadBalancerAddresses, type TableOptions } from './table.ts'

export interface LoadBalancerStatusOptions {
  readonly context: Context
  readonly transport: Transport
  readonly table: TableOptions
}

/** Says in the status of LoadBalancer Services where they are found, once their ports are open. */
export class LoadBalancerStatus {
  readonly #options: LoadBalancerStatusOptions

  constructor(options: LoadBalancerStatusOptions) {
    this.#options = options
  }

  /** `closed`: addresses that could not be opened. */
  update(all: readonly Service[], closed: readonly Address[]): void {
    const isClosed = new Set(closed.map(({ ip, port }) => `${ip}:${port}`))
    for (const service of all) {
      const wanted = this.#ingress(service, isClosed)
      if (wanted && !isSame(service, wanted)) void this.#write(service, wanted)
    }
  }

  /** Undefined: as it is. What another implementation has written stays. */
  #ingress(service: Service, isClosed: ReadonlySet<string>): readonly string[] | undefined {
    if (service.spec?.loadBalancerClass !== undefined) return undefined
    if (!isLoadBalancer(service)) return []
    const addresses = loadBalancerAddresses(service, this.#options.table)
    if (addresses.some(({ ip, port }) => isClosed.has(`${ip}:${port}`))) return undefined
    const ips = this.#options.table.serviceListen
    const reachable = ips.filter((ip) => !ip.startsWith('127.'))
    return reachable.length > 0 ? reachable : ips
  }

  async #write(service: Service, ips: readonly string[]): Promise<void> {
    const { transport, context } = this.#options
    const body = { status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } }
    const patch = { type: 'application/merge-patch+json', body } as const
    try {
      await transport.patch(services, keyOf(service), patch, { subresource: 'status' })
    } catch (error) {
      // The next table tries again.
      const why = error instanceof Error ? error.message : String(error)
      context.log.warn('a load balancer status is not written', { ...keyOf(service), error: why })
    }
  }
}

function isSame({ status }: Service, ips: readonly string[]): boolean {
  const present = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip)
  return present.length === ips.length && present.every((ip, at) => ip === ips[at])
}
