import { invalidValue } from '../../api/field-errors.ts'
import type { Service, ServicePort, ServiceSpec } from '../../api/generated/types.ts'
import { services } from '../../api/scheme.ts'
import { invalid, StatusError } from '../../api/status-error.ts'
import { type Prng, randomInt } from '../../base/prng.ts'
import type { Store } from '../../store/store.ts'
import { needsClusterIP, needsNodePorts } from '../registry/service.ts'
import { resourcePrefix } from '../store-keys.ts'
import { AddressRange } from './address-range.ts'

const nodePortMin = 30_000
const nodePortMax = 32_767

export interface AllocatedService {
  readonly service: Service
  /** To be called when the write has ended, either way. */
  release(): void
}

interface AllocatorOptions {
  readonly store: Store
  readonly prng: Prng
  /** IPv4 range of cluster IPs; its first address is the API's own. */
  readonly serviceCidr: string
}

/** Addresses and node ports in use by others, and those picked for the service at hand. */
interface Taken {
  readonly addresses: Set<string>
  readonly nodePorts: Set<number>
}

/**
 * Gives Services their cluster IPs and node ports. What is taken follows from the
 * Services in the store and from writes on their way, so nothing is released by hand, and a restart
 * has nothing to rebuild.
 */
export class ServiceAllocator {
  readonly #store: Store
  readonly #prng: Prng
  readonly #cidr: string
  readonly #range: AddressRange
  /** Allocated, and not in the store yet. */
  readonly #onTheirWay = new Set<Service>()

  constructor({ store, prng, serviceCidr }: AllocatorOptions) {
    this.#store = store
    this.#prng = prng
    this.#cidr = serviceCidr
    this.#range = new AddressRange(serviceCidr)
  }

  get cidr(): string {
    return this.#cidr
  }

  /** The cluster IP of the Service `kubernetes`. */
  get apiAddress(): string {
    return this.#range.at(0)
  }

  /**
   * Fills in what the service needs and lacks. Throws 422 for a value that is taken or out of
   * range.
   */
  allocate(service: Service): AllocatedService {
    const taken = this.#takenByOthers(service)
    const addressed = this.#withClusterIP(service, taken)
    const allocated = this.#withNodePorts(addressed, taken)
    this.#onTheirWay.add(allocated)
    return { service: allocated, release: () => this.#onTheirWay.delete(allocated) }
  }

  #takenByOthers({ metadata }: Service): Taken {
    const stored = this.#store.list(resourcePrefix(services)).entries
    const others = [...stored.map((entry) => entry.object as Service), ...this.#onTheirWay].filter(
      (other) =>
        other.metadata.name !== metadata.name || other.metadata.namespace !== metadata.namespace,
    )
    const specs = others.map((service) => service.spec)
    const addresses = specs.flatMap((spec) => spec?.clusterIPs ?? spec?.clusterIP ?? [])
    const ports = specs.flatMap((spec) => spec?.ports ?? [])
    const nodePorts = ports.flatMap(({ nodePort }) => nodePort || [])
    return { addresses: new Set(addresses), nodePorts: new Set(nodePorts) }
  }

  #withClusterIP(service: Service, taken: Taken): Service {
    const { spec } = service
    if (!spec || !needsClusterIP(spec)) return withHeadlessAddress(service)
    if (spec.clusterIP) {
      this.#checkAddress(service, spec.clusterIP, taken)
      return service
    }
    // The first address is the API's own, for as long as nobody has asked for it by name.
    const free = this.#pickFree(
      { from: 1, to: this.#range.size },
      (index) => !taken.addresses.has(this.#range.at(index)),
    )
    if (free === undefined) throw exhausted('failed to allocate a serviceIP: range is full')
    const clusterIP = this.#range.at(free)
    return withSpec(service, { ...spec, clusterIP, clusterIPs: [clusterIP] })
  }

  #checkAddress(service: Service, address: string, taken: Taken): void {
    const isInRange = this.#range.has(address)
    if (isInRange && !taken.addresses.has(address)) return
    const why = isInRange
      ? 'provided IP is already allocated'
      : 'the provided network does not match the current range'
    const text = `failed to allocate IP ${address}: ${why}`
    const error = invalidValue('spec.clusterIPs', service.spec?.clusterIPs, text)
    throw invalid(services, service.metadata.name ?? '', [error])
  }

  #withNodePorts(service: Service, taken: Taken): Service {
    const { spec } = service
    if (!spec?.ports || !needsNodePorts(spec)) return service
    const ownPorts = new Map<string, number>()
    const given = spec.ports.map((port, index) => {
      if (port.nodePort) this.#checkNodePort(service, index, { port, taken, ownPorts })
      return port
    })
    const ports = given.map((port) => {
      if (port.nodePort) return port
      const nodePort = this.#pickNodePort(taken)
      return { ...port, nodePort }
    })
    return withSpec(service, { ...spec, ports })
  }

  /** TCP and UDP of one service may share a number. */
  #checkNodePort(
    service: Service,
    index: number,
    options: {
      readonly port: ServicePort
      readonly taken: Taken
      readonly ownPorts: Map<string, number>
    },
  ): void {
    const { port, taken, ownPorts } = options
    const nodePort = port.nodePort ?? 0
    const own = `${nodePort}/${port.protocol ?? 'TCP'}`
    const isInRange = nodePort >= nodePortMin && nodePort <= nodePortMax
    const isTaken = taken.nodePorts.has(nodePort) && ![...ownPorts.values()].includes(nodePort)
    if (isInRange && !isTaken && !ownPorts.has(own)) {
      ownPorts.set(own, nodePort)
      taken.nodePorts.add(nodePort)
      return
    }
    const why = isInRange
      ? 'provided port is already allocated'
      : `provided port is not in the valid range. The range of valid ports is ${nodePortMin}-${nodePortMax}`
    const error = invalidValue(`spec.ports[${index}].nodePort`, nodePort, why)
    throw invalid(services, service.metadata.name ?? '', [error])
  }

  #pickNodePort(taken: Taken): number {
    const range = { from: nodePortMin, to: nodePortMax + 1 }
    const port = this.#pickFree(range, (candidate) => !taken.nodePorts.has(candidate))
    if (port === undefined) throw exhausted('failed to allocate a nodePort: range is full')
    taken.nodePorts.add(port)
    return port
  }

  /** From a random place on, so that what was just released is rarely given out again at once. */
  #pickFree(
    { from, to }: { readonly from: number; readonly to: number },
    isFree: (candidate: number) => boolean,
  ): number | undefined {
    const start = randomInt(this.#prng, to - from)
    for (let step = 0; step < to - from; step += 1) {
      const candidate = from + ((start + step) % (to - from))
      if (isFree(candidate)) return candidate
    }
    return undefined
  }
}

function exhausted(message: string): StatusError {
  return new StatusError('InternalError', `Internal error occurred: ${message}`)
}

function withSpec(service: Service, spec: ServiceSpec): Service {
  return { ...service, spec }
}

function withHeadlessAddress(service: Service): Service {
  const { spec } = service
  if (spec?.clusterIP !== 'None' || spec.clusterIPs) return service
  return withSpec(service, { ...spec, clusterIPs: ['None'] })
}
