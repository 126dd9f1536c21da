import { isIPv4 } from 'node:net'
import type { EndpointSlice } from '../api/generated/types.ts'
import { serviceNameLabel } from '../api/names.ts'
import { endpointSlices } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'

const key = { namespace: 'default', name: 'kubernetes' }

function sliceOf(host: string, port: number): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...key, labels: { [serviceNameLabel]: key.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  }
}

/**
 * Puts the API behind its own Service `kubernetes`, which has no selector: programs inside the
 * cluster find it there. Written anew at every start, since the port may be another.
 */
export async function publishApi(transport: Transport, url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  const host = hostname === 'localhost' ? '127.0.0.1' : hostname
  if (!isIPv4(host)) return
  const slice = sliceOf(host, Number(port))
  try {
    await transport.create(endpointSlices, { namespace: key.namespace }, slice)
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    await transport.update(endpointSlices, key, slice)
  }
}
