import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../generated/types.ts'
import { modelSchema } from '../schema.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateNoBacksteps } from './path-rules.ts'
import { validateAccessModes } from './persistent-volume-claim.ts'
import { validatePositiveQuantity } from './resources.ts'
import { type Errors, formatted, isSame, requiredText, unchanged, word } from './rules.ts'

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
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
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
    ...names.flatMap((name) => validatePositiveQuantity(capacity[name] ?? '0', `${path}[${name}]`)),
  ]
}

type Spec = PersistentVolumeSpec

function validateSource(spec: Spec): Errors {
  const [source, ...others] = Object.keys(sourcesOf(spec))
  if (source === undefined) return [requiredValue('spec', 'must specify a volume type')]
  return [
    ...validateKind(spec, source),
    ...others.map((other) =>
      forbiddenValue(`spec.${other}`, 'may not specify more than 1 volume type'),
    ),
  ]
}

function validateKind({ csi, hostPath, local, nfs, nodeAffinity }: Spec, source: string): Errors {
  const at = (field: string) => `spec.${source}.${field}`
  switch (source) {
    case 'csi':
      return [
        ...requiredText(at('driver'), csi?.driver),
        ...requiredText(at('volumeHandle'), csi?.volumeHandle),
      ]
    case 'hostPath':
      return validatePath(hostPath?.path, at('path'))
    case 'local':
      return [
        ...validatePath(local?.path, at('path')),
        ...(nodeAffinity?.required
          ? []
          : [requiredValue('spec.nodeAffinity', 'Local volume requires node affinity')]),
      ]
    case 'nfs':
      return [
        ...requiredText(at('server'), nfs?.server),
        ...requiredText(at('path'), nfs?.path),
        ...(!nfs?.path || nfs.path.startsWith('/')
          ? []
          : [invalidValue(at('path'), nfs.path, 'must be an absolute path')]),
      ]
    default:
      return []
  }
}

function validatePath(path: string | undefined, at: string): Errors {
  return path ? validateNoBacksteps(at, path) : [requiredValue(at)]
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
