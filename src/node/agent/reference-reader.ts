import type { ConfigMap, Secret } from '../../api/generated/types.ts'
import { configMaps, secrets } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'

/** Reads what a pod refers to; undefined when it does not exist. */
export interface ReferenceReader {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
  secret(namespace: string, name: string): Promise<Secret | undefined>
}

export function referenceReader(transport: Transport): ReferenceReader {
  const ifThere = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }
  return {
    configMap: (namespace, name) => ifThere(transport.get(configMaps, { namespace, name })),
    secret: (namespace, name) => ifThere(transport.get(secrets, { namespace, name })),
  }
}
