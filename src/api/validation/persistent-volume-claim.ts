import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
} from '../generated/types.ts'
import { parseQuantity } from '../quantity.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validatePositiveQuantity } from './resources.ts'
import { type Errors, formatted, isSame, requiredText, word } from './rules.ts'

const oncePod = 'ReadWriteOncePod'
const accessModes: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', oncePod]

export const persistentVolumeClaimRules: KindRules<PersistentVolumeClaim> = {
  create: (claim) => [
    ...validateObjectMeta(claim.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(claim.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSpecUpdate(next, previous),
  ],
  notDone:
    'persistentvolumeclaims are kept as data here: no volume is provided, and a pod that uses the claim stays Pending; use a hostPath or emptyDir volume',
}

function validateSpec(spec: PersistentVolumeClaimSpec = {}): Errors {
  const { storageClassName, volumeMode } = spec
  const storage = spec.resources?.requests?.storage
  const at = 'spec.resources[storage]'
  return [
    ...(spec.accessModes?.length
      ? []
      : [requiredValue('spec.accessModes', 'at least 1 access mode is required')]),
    ...validateLabelSelector('spec.selector', spec.selector),
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
    ...(storage === undefined ? [requiredValue(at)] : validatePositiveQuantity(storage, at)),
    ...(storageClassName
      ? formatted('spec.storageClassName', storageClassName, dns1123SubdomainErrors)
      : []),
    ...word('spec.volumeMode', volumeMode, ['Block', 'Filesystem']),
    ...validateDataSource(spec.dataSource, 'spec.dataSource'),
    ...validateDataSource(spec.dataSourceRef, 'spec.dataSourceRef'),
  ]
}

/** Upstream names the list, not the mode's place in it. */
export function validateAccessModes(modes: readonly string[] | undefined, path: string): Errors {
  const given = modes ?? []
  const errors: Errors = given
    .filter((mode) => !accessModes.includes(mode))
    .map((mode) => unsupportedValue(path, mode, accessModes))
  const isShared = given.some((mode) => mode !== oncePod && accessModes.includes(mode))
  if (!isShared || !given.includes(oncePod)) return errors
  const detail = 'may not use ReadWriteOncePod with other access modes'
  return [...errors, forbiddenValue(path, detail)]
}

type DataSource = Pick<TypedLocalObjectReference, 'apiGroup' | 'kind' | 'name'>

function validateDataSource(source: DataSource | undefined, path: string): Errors {
  if (!source) return []
  const { apiGroup, kind, name } = source
  const isForeign = !apiGroup && kind !== 'PersistentVolumeClaim'
  const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...requiredText(`${path}.name`, name),
    ...requiredText(`${path}.kind`, kind),
    ...(isForeign ? [invalidValue(path, kind, detail)] : []),
    ...(apiGroup ? formatted(`${path}.apiGroup`, apiGroup, dns1123SubdomainErrors) : []),
  ]
}

/**
 * A bound claim may want more storage; a volume and a class may be named once; all else stays as
 * it was. Upstream adds what differs, in Go's words.
 */
function validateSpecUpdate(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): Errors {
  const [now, before] = [next.spec ?? {}, previous.spec ?? {}]
  const isBound = next.status?.phase === 'Bound'
  const allowed: PersistentVolumeClaimSpec = {
    ...before,
    volumeAttributesClassName: now.volumeAttributesClassName,
    volumeName: before.volumeName || now.volumeName,
    storageClassName: before.storageClassName ?? now.storageClassName,
    ...(isBound && { resources: now.resources }),
  }
  const detail =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [
    ...(isSame(now, allowed) ? [] : [forbiddenValue('spec', detail)]),
    ...validateSize(next, previous),
  ]
}

function validateSize(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): Errors {
  const nanosOf = (amount: string | undefined) => parseQuantity(amount ?? '0').nanos
  const size = nanosOf(next.spec?.resources?.requests?.storage)
  const isLess = size < nanosOf(previous.spec?.resources?.requests?.storage)
  if (!isLess || size > nanosOf(previous.status?.capacity?.storage)) return []
  const detail = 'field can not be less than status.capacity'
  return [forbiddenValue('spec.resources.requests.storage', detail)]
}
