import type { Service } from '../api/generated/types.ts'
import { services } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { AddressRange } from '../apiserver/admission/address-range.ts'
import { dnsService } from '../proxy/name-publisher.ts'

/** Of the range of Services: the tenth address, as everywhere. */
const usualIndex = 9

/**
 * Gives the cluster's DNS its Service, whose address is where the proxy listens. An address that is
 * somebody else's by now is not asked for.
 */
export async function publishDns(transport: Transport, serviceCidr: string): Promise<void> {
  const clusterIP = new AddressRange(serviceCidr).at(usualIndex)
  const create = (service: Service) =>
    transport.create(services, { namespace: dnsService.namespace }, service)
  try {
    await create(serviceAt({ clusterIP }))
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return
    if (!isStatusError(error, 'Invalid')) throw error
    await create(serviceAt({}))
  }
}

/** TCP is answered, too; but a TCP port of a Service is the proxy's to forward. */
function serviceAt(address: { readonly clusterIP?: string }): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...dnsService,
      labels: { 'k8s-app': dnsService.name },
    },
    spec: { ...address, ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 }] },
  }
}
