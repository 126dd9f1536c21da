import type { Resource } from '../api/resource.ts'

export interface RequestPlace {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** `/apis/apps/v1/namespaces/NS/deployments/NAME/scale?...`; absent parts are left out. */
export function requestPath(resource: Resource, place: RequestPlace, query: Query = {}): string {
  const { group, version, plural, namespaced } = resource
  const root = group === '' ? ['api', version] : ['apis', group, version]
  const scope = namespaced && place.namespace ? ['namespaces', place.namespace] : []
  const rest = [plural, place.name, place.subresource].filter((part) => part !== undefined)
  const path = [...root, ...scope, ...rest].map((part) => `/${encodeURIComponent(part)}`).join('')
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(key, String(value))
  }
  return parameters.size === 0 ? path : `${path}?${parameters}`
}
