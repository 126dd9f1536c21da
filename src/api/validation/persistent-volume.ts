import { forbiddenValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../generated/types.ts'
import { modelSchema } from '../schema.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { accessModes } from './persistent-volume-claim.ts'
import { validateNonNegativeQuantity } from './resources.ts'
import { type Errors, each, formatted, isSame, unchanged, word } from './rules.ts'

export const persistentVolumeRules: KindRules<PersistentVolume> = {
  create: (volume) => [
    ...validateObjectMeta(volume.metadata, { namespaced: false, name: dns1123SubdomainErrors }),
    ...validateSpec(volume.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSpecUpdate(next.spec, previous.spec),
  ],
  notDone:
    'persistentvolumes are kept as data here: nothing binds a claim to one or mounts it; use a hostPath volume in the pod itself',
}

const plainFields = [
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]

/** The members of which exactly one says what the volume is. */
const sources = [...modelSchema('PersistentVolumeSpec').fields.keys()].filter(
  (name) => !plainFields.includes(name),
)

function sourcesOf(spec: Partial<PersistentVolumeSpec>) {
  return Object.fromEntries(
    sources.flatMap((name) => {
      const source = spec[name as keyof PersistentVolumeSpec]
      return source === undefined ? [] : [[name, source]]
    }),
  )
}

function validateSpec(spec: PersistentVolumeSpec = {}): Errors {
  const { capacity = {}, storageClassName } = spec
  const modes = ['Delete', 'Recycle', 'Retain']
  return [
    ...(spec.accessModes?.length ? [] : [requiredValue('spec.accessModes')]),
    ...each('spec.accessModes', spec.accessModes, (mode, path) => word(path, mode, accessModes)),
    ...validateCapacity(capacity),
    ...word('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, modes),
    ...validateSource(spec),
    ...(storageClassName
      ? formatted('spec.storageClassName', storageClassName, dns1123SubdomainErrors)
      : []),
    ...word('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
  ]
}

function validateCapacity(capacity: { readonly [name: string]: string }): Errors {
  const names = Object.keys(capacity)
  const path = 'spec.capacity'
  if (names.length === 0) return [requiredValue(path)]
  const isStorage = names.length === 1 && names[0] === 'storage'
  return [
    ...(isStorage ? [] : [unsupportedValue(path, capacity, ['storage'])]),
    ...names.flatMap((name) =>
      validateNonNegativeQuantity(capacity[name] ?? '0', `${path}[${name}]`),
    ),
  ]
}

function validateSource(spec: PersistentVolumeSpec): Errors {
  const [source, ...others] = Object.keys(sourcesOf(spec))
  if (source === undefined) return [requiredValue('spec', 'must specify a volume type')]
  return others.map((other) =>
    forbiddenValue(`spec.${other}`, 'may not specify more than 1 volume type'),
  )
}

function validateSpecUpdate(
  next: PersistentVolumeSpec = {},
  previous: PersistentVolumeSpec = {},
): Errors {
  const path = 'spec.persistentvolumesource'
  const errors: Errors = isSame(sourcesOf(next), sourcesOf(previous))
    ? []
    : [forbiddenValue(path, `${path} is immutable after creation`)]
  return [...errors, ...unchanged('spec.volumeMode', next.volumeMode, previous.volumeMode)]
}
