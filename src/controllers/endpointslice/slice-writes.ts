import type { EndpointSlice } from '../../api/generated/types.ts'

interface Write {
  readonly slice: EndpointSlice
  readonly isDeletion: boolean
}

/**
 * Own writes that the cache may not show yet. A pass that planned from the cache alone would
 * create the same slice twice.
 */
export class SliceWrites {
  /** By the Service's key, then the slice's name. */
  readonly #byService = new Map<string, Map<string, Write>>()

  wrote(service: string, slice: EndpointSlice): void {
    this.#note(service, { slice, isDeletion: false })
  }

  deleted(service: string, slice: EndpointSlice): void {
    this.#note(service, { slice, isDeletion: true })
  }

  forget(service: string): void {
    this.#byService.delete(service)
  }

  /** The Service's slices as `cached`, or as written where the cache is behind. */
  latest(service: string, cached: readonly EndpointSlice[]): readonly EndpointSlice[] {
    const writes = this.#byService.get(service)
    if (!writes) return cached
    const slices = new Map(cached.map((slice) => [nameOf(slice), slice]))
    for (const [name, write] of writes) {
      const inCache = slices.get(name)
      if (hasCaughtUp(inCache, write)) writes.delete(name)
      else if (write.isDeletion) slices.delete(name)
      else slices.set(name, write.slice)
    }
    if (writes.size === 0) this.#byService.delete(service)
    return [...slices.values()]
  }

  /** The slice is gone, or was written by others: the cache alone knows. */
  forgetSlice(service: string, slice: EndpointSlice): void {
    const writes = this.#byService.get(service)
    const write = writes?.get(nameOf(slice))
    if (write?.slice.metadata.uid === slice.metadata.uid) writes?.delete(nameOf(slice))
  }

  #note(service: string, write: Write): void {
    const writes = this.#byService.get(service) ?? new Map<string, Write>()
    writes.set(nameOf(write.slice), write)
    this.#byService.set(service, writes)
  }
}

function hasCaughtUp(inCache: EndpointSlice | undefined, { slice, isDeletion }: Write): boolean {
  if (isDeletion) return inCache === undefined || inCache.metadata.uid !== slice.metadata.uid
  return inCache !== undefined && revisionOf(inCache) >= revisionOf(slice)
}

/** Since 1.35 clients may compare resourceVersions of one resource. */
function revisionOf(slice: EndpointSlice): bigint {
  return BigInt(slice.metadata.resourceVersion ?? '0')
}

function nameOf(slice: EndpointSlice): string {
  return slice.metadata.name ?? ''
}
