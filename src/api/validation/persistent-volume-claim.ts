import { forbiddenValue, requiredValue } from '../field-errors.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, each, formatted, isSame, word } from './rules.ts'

export const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export const persistentVolumeClaimRules: KindRules<PersistentVolumeClaim> = {
  create: (claim) => [
    ...validateObjectMeta(claim.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(claim.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSpecUpdate(next.spec, previous.spec),
  ],
  notDone:
    'persistentvolumeclaims are kept as data here: no volume is provided, and a pod that uses the claim stays Pending; use a hostPath or emptyDir volume',
}

function validateSpec(spec: PersistentVolumeClaimSpec = {}): Errors {
  const errors = [
    ...validateLabelSelector('spec.selector', spec.selector),
    ...each('spec.accessModes', spec.accessModes, (mode, path) => word(path, mode, accessModes)),
    ...word('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
    ...(spec.storageClassName
      ? formatted('spec.storageClassName', spec.storageClassName, dns1123SubdomainErrors)
      : []),
  ]
  if (!spec.accessModes?.length) {
    errors.push(requiredValue('spec.accessModes', 'at least 1 access mode is required'))
  }
  if (spec.resources?.requests?.storage === undefined) {
    errors.push(requiredValue('spec.resources[storage]'))
  }
  return errors
}

function validateSpecUpdate(
  next: PersistentVolumeClaimSpec = {},
  previous: PersistentVolumeClaimSpec = {},
): Errors {
  if (isSame({ ...next, resources: {} }, { ...previous, resources: {} })) return []
  const detail =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [forbiddenValue('spec', detail)]
}
