import { forbiddenValue, invalidValue, requiredValue, tooLongValue } from '../field-errors.ts'
import type { ObjectMeta, OwnerReference } from '../generated/types.ts'
import { foregroundFinalizer, namespaceFinalizer, orphanFinalizer } from '../names.ts'
import { byteLength, dns1123LabelErrors, qualifiedNameErrors } from '../string-formats.ts'
import { validateLabels } from './label-selector.ts'
import { type Errors, each, type Format, formatted, immutable, nonNegative } from './rules.ts'

const annotationBytesMax = 262_144
const standardFinalizers = [namespaceFinalizer, orphanFinalizer, foregroundFinalizer]

/** What differs between kinds in the rules for metadata. */
export interface MetaRules {
  readonly namespaced: boolean
  readonly name: Format
}

/**
 * The metadata of an object to be created; a generated name must already be filled in.
 */
export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules): Errors {
  return [
    ...validateName(meta, rules.name),
    ...validateNamespace(meta.namespace, rules.namespaced),
    ...nonNegative('metadata.generation', meta.generation),
    ...validateLabels('metadata.labels', meta.labels),
    ...validateAnnotations('metadata.annotations', meta.annotations),
    ...validateOwnerReferences('metadata.ownerReferences', meta.ownerReferences ?? []),
    ...validateFinalizers('metadata.finalizers', meta.finalizers ?? []),
  ]
}

/**
 * The metadata of an update. What clients may leave out (uid, timestamps, and the
 * resourceVersion of an unconditional update) must have been carried over from `previous` before.
 * What is the very same part of `previous` was looked at when that was written.
 */
export function validateObjectMetaUpdate(next: ObjectMeta, previous: ObjectMeta): Errors {
  return [
    ...validateNoNewFinalizers(next, previous),
    ...validateRevisions(next, previous),
    ...identity.flatMap((field) => unchangedField(field, next[field], previous[field])),
    ...(next.labels === previous.labels ? [] : validateLabels('metadata.labels', next.labels)),
    ...(next.annotations === previous.annotations
      ? []
      : validateAnnotations('metadata.annotations', next.annotations)),
    ...(next.ownerReferences === previous.ownerReferences
      ? []
      : validateOwnerReferences('metadata.ownerReferences', next.ownerReferences ?? [])),
    ...validateStandardFinalizers('metadata.finalizers', next.finalizers ?? []),
  ]
}

const identity = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

function unchangedField(field: string, next: unknown, previous: unknown): Errors {
  if (next === previous) return []
  const isText = field === 'name' || field === 'namespace' || field === 'uid'
  return [invalidValue(`metadata.${field}`, isText ? (next ?? '') : next, immutable)]
}

function validateName({ name = '', generateName = '' }: ObjectMeta, format: Format): Errors {
  const prefixErrors = generateName
    ? format(maskTrailingDash(generateName)).map((detail) =>
        invalidValue('metadata.generateName', generateName, detail),
      )
    : []
  if (name === '') {
    return [...prefixErrors, requiredValue('metadata.name', 'name or generateName is required')]
  }
  return [...prefixErrors, ...formatted('metadata.name', name, format)]
}

/** A prefix may end in a dash: something will follow. */
function maskTrailingDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix
}

function validateNamespace(namespace: string | undefined, isNamespaced: boolean): Errors {
  const path = 'metadata.namespace'
  if (!isNamespaced) return namespace ? [forbiddenValue(path, 'not allowed on this type')] : []
  return namespace ? formatted(path, namespace, dns1123LabelErrors) : [requiredValue(path)]
}

/** Keys may have capitals; all together at most 256 KiB. */
export function validateAnnotations(path: string, annotations: ObjectMeta['annotations']): Errors {
  const entries = Object.entries(annotations ?? {})
  const keyErrors = entries.flatMap(([key]) =>
    qualifiedNameErrors(key.toLowerCase()).map((detail) => invalidValue(path, key, detail)),
  )
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + byteLength(key) + byteLength(value ?? ''),
    0,
  )
  if (bytes <= annotationBytesMax) return keyErrors
  return [...keyErrors, tooLongValue(path, annotationBytesMax)]
}

function validateOwnerReferences(path: string, references: readonly OwnerReference[]): Errors {
  const errors = [...each(path, references, validateOwnerReference)]
  const [first, ...others] = references.filter((reference) => reference.controller)
  for (const other of others) {
    const names = [first, other].map((reference) => `${reference?.kind}/${reference?.name}`)
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names.join(' and ')}`
    errors.push(invalidValue(path, references, detail))
  }
  return errors
}

function validateOwnerReference(reference: OwnerReference, path: string): Errors {
  const { apiVersion = '' } = reference
  const errors = (['apiVersion', 'kind', 'name', 'uid'] as const)
    .filter((field) => !reference[field])
    .map((field) => requiredValue(`${path}.${field}`, 'must not be empty'))
  if (apiVersion !== '' && !/^([^/]+\/)?[^/]+$/.test(apiVersion)) {
    const detail = 'must be <group>/<version> or <version>'
    errors.unshift(invalidValue(`${path}.apiVersion`, apiVersion, detail))
  }
  if (apiVersion === 'v1' && reference.kind === 'Event') {
    errors.push(invalidValue(path, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}

function validateFinalizers(path: string, finalizers: readonly string[]): Errors {
  const errors = finalizers.flatMap((name) => [...formatted(path, name, qualifiedNameErrors)])
  if (finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)) {
    const detail = `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`
    errors.push(invalidValue(path, finalizers, detail))
  }
  return [...errors, ...validateStandardFinalizers(path, finalizers)]
}

function validateStandardFinalizers(path: string, finalizers: readonly string[]): Errors {
  return each(path, finalizers, validateStandardFinalizer)
}

/** A name without a domain must be one of Kubernetes' own. */
export function validateStandardFinalizer(name: string, path: string): Errors {
  if (name.includes('/') || standardFinalizers.includes(name)) return []
  const detail = 'name is neither a standard finalizer name nor is it fully qualified'
  return [invalidValue(path, name, detail)]
}

function validateNoNewFinalizers(next: ObjectMeta, previous: ObjectMeta): Errors {
  if (previous.deletionTimestamp === undefined) return []
  const added = (next.finalizers ?? []).filter((name) => !previous.finalizers?.includes(name))
  if (added.length === 0) return []
  const names = [...new Set(added)].sort().map((name) => JSON.stringify(name))
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names.join(', ')}}`
  return [forbiddenValue('metadata.finalizers', detail)]
}

function validateRevisions(next: ObjectMeta, previous: ObjectMeta): Errors {
  const errors = [...nonNegative('metadata.generation', next.generation)]
  if (!next.resourceVersion) {
    const detail = 'must be specified for an update'
    errors.unshift(invalidValue('metadata.resourceVersion', '', detail))
  }
  if ((next.generation ?? 0) < (previous.generation ?? 0)) {
    const detail = 'must not be decremented'
    errors.push(invalidValue('metadata.generation', next.generation ?? 0, detail))
  }
  return errors
}
