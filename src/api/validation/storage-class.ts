import { forbiddenValue, requiredValue } from '../field-errors.ts'
import type { StorageClass } from '../generated/types.ts'
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, formatted, isSame, requiredWord, unchanged, word } from './rules.ts'

const bindingModes = ['Immediate', 'WaitForFirstConsumer']

export const storageClassRules: KindRules<StorageClass> = {
  create: (storageClass) => [
    ...validateObjectMeta(storageClass.metadata, {
      namespaced: false,
      name: dns1123SubdomainErrors,
    }),
    ...validateClass(storageClass),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...frozen.flatMap((field) =>
      isSame(next[field], previous[field])
        ? []
        : [forbiddenValue(field, `updates to ${field} are forbidden.`)],
    ),
    ...unchanged('volumeBindingMode', next.volumeBindingMode, previous.volumeBindingMode),
  ],
  notDone:
    'storageclasses are kept as data here: no volume is provided for the claims of one; use hostPath or emptyDir volumes',
}

const frozen = ['parameters', 'provisioner', 'reclaimPolicy'] as const

function validateClass(storageClass: StorageClass): Errors {
  const { provisioner, reclaimPolicy, volumeBindingMode, parameters = {} } = storageClass
  const lower = provisioner.toLowerCase()
  const mode = 'volumeBindingMode'
  return [
    ...(provisioner
      ? formatted('provisioner', lower, qualifiedNameErrors)
      : [requiredValue('provisioner', provisioner)]),
    ...('' in parameters ? [requiredValue('parameters', 'field can not be empty.')] : []),
    ...word('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...requiredWord(mode, volumeBindingMode, bindingModes),
  ]
}
