import type { TableEndpoint } from './protocol.ts'

type Conditions = Pick<TableEndpoint, 'ready' | 'serving' | 'terminating'>

/**
 * Those that new requests go to (F-12): the ready ones; if there is none, those that still serve
 * while they terminate. Terminating ones come second even where `publishNotReadyAddresses` calls
 * them ready.
 */
export function targetsOf<T extends Conditions>(endpoints: readonly T[]): readonly T[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready && !endpoint.terminating)
  if (ready.length > 0) return ready
  return endpoints.filter(
    (endpoint) => endpoint.terminating && (endpoint.serving || endpoint.ready),
  )
}
