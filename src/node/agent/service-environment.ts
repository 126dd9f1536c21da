import type { Pod, Service } from '../../api/generated/types.ts'
import { services } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { EnvVar } from '../runtime.ts'

/** The Service of the API itself, which every container is told of. */
const apiService = { namespace: 'default', name: 'kubernetes' } as const

/**
 * What a pod's containers are told of: its namespace's Services if it wants them, and the API's.
 */
export async function servicesFor(
  transport: Transport,
  { metadata: { namespace }, spec }: Pod,
): Promise<readonly Service[]> {
  const api = await transport.get(services, apiService).catch((error: unknown) => {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  })
  const wantsAll = spec?.enableServiceLinks !== false
  const here = wantsAll ? (await transport.list(services, { namespace })).items : []
  const others = here.filter(({ metadata }) => metadata.uid !== api?.metadata.uid)
  return api ? [api, ...others] : others
}

/**
 * Where Services are, as programs that know no DNS learn it: `WEB_SERVICE_HOST`,
 * `WEB_SERVICE_PORT`, one more for each named port, and the older `WEB_PORT_80_TCP` and its kin.
 * Services without an address of their own are left out.
 */
export function serviceEnvironment(services: readonly Service[]): readonly EnvVar[] {
  return services.filter(hasAddress).flatMap((service) => {
    const prefix = variableName(service.metadata.name ?? '')
    const { clusterIP: host = '', ports = [] } = service.spec ?? {}
    const [first] = ports
    return [
      { name: `${prefix}_SERVICE_HOST`, value: host },
      ...(first ? [{ name: `${prefix}_SERVICE_PORT`, value: `${first.port}` }] : []),
      ...ports
        .filter(({ name }) => name)
        .map(({ name = '', port }) => ({
          name: `${prefix}_SERVICE_PORT_${variableName(name)}`,
          value: `${port}`,
        })),
      ...linkVariables(prefix, service),
    ]
  })
}

function hasAddress({ spec }: Service): boolean {
  return spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'
}

/** What Docker's links once told a container. */
function linkVariables(prefix: string, { spec }: Service): readonly EnvVar[] {
  const { clusterIP: host = '', ports = [] } = spec ?? {}
  return ports.flatMap(({ port, protocol = 'TCP' }, index) => {
    const url = `${protocol.toLowerCase()}://${host}:${port}`
    const name = `${prefix}_PORT_${port}_${protocol}`
    return [
      ...(index === 0 ? [{ name: `${prefix}_PORT`, value: url }] : []),
      { name, value: url },
      { name: `${name}_PROTO`, value: protocol.toLowerCase() },
      { name: `${name}_PORT`, value: `${port}` },
      { name: `${name}_ADDR`, value: host },
    ]
  })
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}
