import { invalidValue, missingReference, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../generated/types.ts'
import { compareQuantities, formatQuantity, parseQuantity } from '../quantity.ts'
import { qualifiedNameErrors } from '../string-formats.ts'
import { type Errors, formatted, requiredText } from './rules.ts'

/** The fields of a pod that an environment variable may take its value from. */
export const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** The fields of a pod that a downward API volume may write to a file. */
export const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

const knownFields = new Set([
  ...envFields,
  ...volumeFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])

export function validateFieldReference(
  reference: ObjectFieldSelector,
  path: string,
  supported: readonly string[],
): Errors {
  const { apiVersion, fieldPath } = reference
  if (!apiVersion) return [requiredValue(`${path}.apiVersion`)]
  if (!fieldPath) return [requiredValue(`${path}.fieldPath`)]
  const [, field, key = ''] = /^(.*)\['(.*)'\]$/.exec(fieldPath) ?? []
  if (apiVersion === 'v1') {
    if (field === 'metadata.annotations') {
      return formatted(path, key.toLowerCase(), qualifiedNameErrors)
    }
    if (field === 'metadata.labels') return formatted(path, key, qualifiedNameErrors)
    if (supported.includes(fieldPath)) return []
    if (knownFields.has(fieldPath)) {
      return [unsupportedValue(`${path}.fieldPath`, fieldPath, supported)]
    }
  }
  const why = conversionError(apiVersion, field !== undefined, fieldPath)
  return [invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`)]
}

function conversionError(apiVersion: string, isSubscript: boolean, fieldPath: string): string {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`
  return isSubscript
    ? `field label does not support subscript: ${fieldPath}`
    : `field label not supported: ${fieldPath}`
}

export function validateResourceReference(
  reference: ResourceFieldSelector,
  path: string,
  { isInVolume }: { readonly isInVolume: boolean },
): Errors {
  const { containerName, resource, divisor } = reference
  if (isInVolume && !containerName) return [requiredValue(`${path}.containerName`)]
  if (!resource) return requiredText(`${path}.resource`, resource)
  const isHugePages = /^(requests|limits)\.hugepages-/.test(resource)
  if (!resourceFields.includes(resource) && !isHugePages) {
    return [unsupportedValue(`${path}.resource`, resource, resourceFields)]
  }
  return validateDivisor(resource, path, divisor)
}

const byteDivisors =
  '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the'

function validateDivisor(resource: string, path: string, divisor: string | undefined): Errors {
  if (divisor === undefined) return []
  const quantity = parseQuantity(divisor)
  if (compareQuantities(quantity, parseQuantity('0')) === 0) return []
  const text = formatQuantity(quantity)
  const at = `${path}.divisor`
  if (resource.endsWith('.cpu')) {
    const detail = "only divisor's values 1m and 1 are supported with the cpu resource"
    return text === '1m' || text === '1' ? [] : [invalidValue(at, resource, detail)]
  }
  if (/^1([kMGTPE]|[KMGTPE]i)?$/.test(text)) return []
  const what = resource.includes('.hugepages-')
    ? 'hugepages'
    : resource.endsWith('.memory')
      ? 'memory'
      : 'local ephemeral storage'
  return [invalidValue(at, resource, `only divisor's values ${byteDivisors} ${what} resource`)]
}

/** A name that must be one of `known`. */
export function validateKnown(path: string, name: string, known: ReadonlySet<string>): Errors {
  return known.has(name) ? [] : [missingReference(path, name)]
}
