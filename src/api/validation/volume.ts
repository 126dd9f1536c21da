import { duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  Volume,
  VolumeProjection,
} from '../generated/types.ts'
import { parseQuantity } from '../quantity.ts'
import { dns1123LabelErrors } from '../string-formats.ts'
import {
  validateFieldReference,
  validateResourceReference,
  volumeFields,
} from './field-reference.ts'
import { validateFileMode, validateLocalPath, validateNoBacksteps } from './path-rules.ts'
import { type Errors, each, requiredFormatted, requiredText, word } from './rules.ts'

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** In the order in which upstream looks for them: the first one counts. */
const volumeKinds =
  'emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile vsphereVolume azureDisk photonPersistentDisk storageos portworxVolume scaleIO projected csi ephemeral image'.split(
    ' ',
  ) as readonly (keyof Volume)[]

/** The volumes of a pod, and the names of those that containers may mount. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
): { readonly errors: Errors; readonly names: ReadonlySet<string> } {
  const names = new Set<string>()
  const errors = each(path, volumes, (volume, at) => {
    const own = [
      ...validateSource(volume, at),
      ...requiredFormatted(`${at}.name`, volume.name, dns1123LabelErrors),
    ]
    if (names.has(volume.name)) own.push(duplicateValue(`${at}.name`, volume.name))
    if (own.length === 0) names.add(volume.name)
    return own
  })
  return { errors, names }
}

/** Exactly one kind of volume; the first one counts, any further one is refused. */
function validateSource(volume: Volume, path: string): Errors {
  const [kind, ...others] = volumeKinds.filter((key) => volume[key] !== undefined)
  if (kind === undefined) return [requiredValue(path, 'must specify a volume type')]
  return [
    ...validateKind(volume, `${path}.${kind}`),
    ...others.map((other) =>
      forbiddenValue(`${path}.${other}`, 'may not specify more than 1 volume type'),
    ),
  ]
}

function validateKind(volume: Volume, path: string): Errors {
  const { configMap, downwardAPI, emptyDir, hostPath, nfs, projected, secret } = volume
  if (configMap) return validateKeys(configMap, path, ['name', configMap.name])
  if (secret) return validateKeys(secret, path, ['secretName', secret.secretName])
  if (hostPath) {
    if (!hostPath.path) return [requiredValue(`${path}.path`)]
    return [
      ...validateNoBacksteps(`${path}.path`, hostPath.path),
      ...word(`${path}.type`, hostPath.type, hostPathTypes),
    ]
  }
  if (emptyDir?.sizeLimit !== undefined && parseQuantity(emptyDir.sizeLimit).nanos < 0n) {
    const detail = 'SizeLimit field must be a valid resource quantity'
    return [forbiddenValue(`${path}.sizeLimit`, detail)]
  }
  if (nfs) {
    return [
      ...requiredText(`${path}.server`, nfs.server),
      ...requiredText(`${path}.path`, nfs.path),
    ]
  }
  if (downwardAPI) {
    return [
      ...validateFileMode(`${path}.defaultMode`, downwardAPI.defaultMode),
      ...(downwardAPI.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
    ]
  }
  if (projected) {
    return [
      ...validateFileMode(`${path}.defaultMode`, projected.defaultMode),
      ...validateProjections(projected.sources, path),
    ]
  }
  const claim = volume.persistentVolumeClaim
  return claim ? requiredText(`${path}.claimName`, claim.claimName) : []
}

/** A ConfigMap or Secret as files. */
function validateKeys(
  source: { readonly defaultMode?: number; readonly items?: readonly KeyToPath[] },
  path: string,
  [nameField, name]: readonly [string, string | undefined],
): Errors {
  return [
    ...requiredText(`${path}.${nameField}`, name),
    ...validateFileMode(`${path}.defaultMode`, source.defaultMode),
    ...each(`${path}.items`, source.items, validateKeyToPath),
  ]
}

function validateKeyToPath(item: KeyToPath, path: string): Errors {
  return [
    ...requiredText(`${path}.key`, item.key),
    ...requiredText(`${path}.path`, item.path),
    ...validateLocalPath(`${path}.path`, item.path ?? ''),
    ...validateFileMode(`${path}.mode`, item.mode),
  ]
}

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): Errors {
  const { fieldRef, resourceFieldRef } = file
  const errors = [
    ...requiredText(`${path}.path`, file.path),
    ...validateLocalPath(`${path}.path`, file.path ?? ''),
  ]
  if (fieldRef) {
    errors.push(...validateFieldReference(fieldRef, `${path}.fieldRef`, volumeFields))
    if (resourceFieldRef) {
      const detail = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(invalidValue(path, 'resource', detail))
    }
  } else if (resourceFieldRef) {
    const at = `${path}.resourceFieldRef`
    errors.push(...validateResourceReference(resourceFieldRef, at, { isInVolume: true }))
  } else {
    errors.push(requiredValue(path, 'one of fieldRef and resourceFieldRef is required'))
  }
  return [...errors, ...validateFileMode(`${path}.mode`, file.mode)]
}

function validateProjections(
  sources: readonly VolumeProjection[] | undefined,
  path: string,
): Errors {
  const taken = new Set<string>()
  return each(`${path}.sources`, sources, (source, at) => {
    const errors = [...validateProjection(source, at, path)]
    for (const { file, named } of projectedFiles(source)) {
      const isTaken = file !== '' && taken.has(file)
      if (isTaken) errors.push(invalidValue(path, named, 'conflicting duplicate paths'))
      taken.add(file)
    }
    if (Object.values(source).filter((value) => value !== undefined).length > 1) {
      errors.push(forbiddenValue(at, 'may not specify more than 1 volume type per source'))
    }
    return errors
  })
}

function validateProjection(source: VolumeProjection, at: string, volumePath: string): Errors {
  const { configMap, downwardAPI, secret, serviceAccountToken: token } = source
  const errors = [
    ...(secret ? validateKeys(secret, `${at}.secret`, ['name', secret.name]) : []),
    ...(configMap ? validateKeys(configMap, `${at}.configMap`, ['name', configMap.name]) : []),
    ...(downwardAPI?.items ?? []).flatMap((file) =>
      validateDownwardFile(file, `${at}.downwardAPI`),
    ),
  ]
  if (!token) return errors
  const expiration = token.expirationSeconds ?? 3600
  const expirationPath = `${at}.serviceAccountToken.expirationSeconds`
  if (expiration < 600) {
    const detail = 'may not specify a duration less than 10 minutes'
    errors.push(invalidValue(expirationPath, expiration, detail))
  } else if (expiration > 2 ** 32) {
    const detail = 'may not specify a duration larger than 2^32 seconds'
    errors.push(invalidValue(expirationPath, expiration, detail))
  }
  if (!token.path) errors.push(requiredValue(`${volumePath}.path`))
  else errors.push(...validateLocalPath(`${volumePath}.path`, token.path))
  return errors
}

/** The files a source writes, and what upstream names when one of them is written twice. */
function projectedFiles(
  source: VolumeProjection,
): readonly { readonly file: string; readonly named: string }[] {
  const keyed = [source.secret, source.configMap].flatMap((map) =>
    (map?.items ?? []).map((item) => ({ file: item.path, named: map?.name ?? '' })),
  )
  const written = (source.downwardAPI?.items ?? []).map(({ path }) => ({ file: path, named: path }))
  return [...keyed, ...written]
}
