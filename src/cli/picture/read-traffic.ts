import { type EndpointTraffic, trafficPath } from '../../api/seams.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { HttpTransport } from '../../client/http-transport.ts'

/**
 * Reads the engine's counters; on a cluster that has none it asks once and answers undefined from
 * then on.
 */
export function trafficReader(
  transport: Pick<HttpTransport, 'getText'>,
): () => Promise<readonly EndpointTraffic[] | undefined> {
  let isAbsent = false
  return async () => {
    if (isAbsent) return undefined
    try {
      const { endpoints } = JSON.parse(await transport.getText(trafficPath, 'application/json'))
      return endpoints as readonly EndpointTraffic[]
    } catch (error) {
      isAbsent = isStatusError(error, 'NotFound') || isStatusError(error, 'Forbidden')
      if (isAbsent) return undefined
      throw error
    }
  }
}
