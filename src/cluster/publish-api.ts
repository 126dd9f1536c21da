import { isIPv4 } from 'node:net'
import type { EndpointSlice, Endpoints } from '../api/generated/types.ts'
import { serviceNameLabel, skipMirrorLabel } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { endpointSlices, endpoints } from '../api/scheme.ts'
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

/** The same for those who still read Endpoints. */
function endpointsOf(ip: string, port: number): Endpoints {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...key, labels: { [skipMirrorLabel]: 'true' } },
    subsets: [{ addresses: [{ ip }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
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
  await put(transport, endpointSlices, sliceOf(host, Number(port)))
  await put(transport, endpoints, endpointsOf(host, Number(port)))
}

async function put<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  try {
    await transport.create(resource, { namespace: key.namespace }, object)
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    await transport.update(resource, key, object)
  }
}
