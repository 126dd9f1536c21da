import type { Container, Pod, ResourceFieldSelector } from '../../api/generated/types.ts'
import { parseQuantity } from '../../api/quantity.ts'

/** Resource name -> quantity. */
export type ResourceAmounts = Readonly<Record<string, string>>

/** `key="value"` lines in order of keys, as a file of a downwardAPI volume has them. */
function lines(entries: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(entries ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

/**
 * A field of the pod as programs may ask for it; undefined for a path that is not served. `podIp`
 * is not in the pod yet when its containers start.
 */
export function podField(pod: Pod, path: string, podIp: string): string | undefined {
  const { metadata, spec } = pod
  const entry = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (entry) return metadata[entry[1] as 'labels' | 'annotations']?.[entry[2] as string] ?? ''
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'status.podIP': podIp,
    'status.podIPs': podIp,
    'status.hostIP': '127.0.0.1',
    'status.hostIPs': '127.0.0.1',
  }
  return path in fields ? (fields[path] ?? '') : undefined
}

/**
 * `limits.memory` of the container in units of `divisor`, rounded up. Where no limit is set, what
 * the node has to give; where no request is set, 0.
 */
export function resourceValue(
  { resources }: Container,
  { resource, divisor }: ResourceFieldSelector,
  allocatable: ResourceAmounts,
): string {
  const [list, ...rest] = resource.split('.')
  const name = rest.join('.')
  const text =
    list === 'limits'
      ? (resources?.limits?.[name] ?? allocatable[name])
      : resources?.requests?.[name]
  if (text === undefined) return '0'
  const value = parseQuantity(text).nanos
  const unit = parseQuantity(divisor === undefined || divisor === '0' ? '1' : divisor).nanos
  return ((value + unit - 1n) / unit).toString()
}
