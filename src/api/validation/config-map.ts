import { forbiddenValue, invalidValue, tooLongValue } from '../field-errors.ts'
import type { ConfigMap } from '../generated/types.ts'
import { byteLength, configKeyErrors, dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, isSame } from './rules.ts'

/** What a ConfigMap or a Secret may hold, in bytes. */
export const contentBytesMax = 1_048_576

export const configMapRules: KindRules<ConfigMap> = {
  create: validateConfigMap,
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateImmutable(next, previous, ['data', 'binaryData']),
    ...validateConfigMap(next),
  ],
}

function validateConfigMap(configMap: ConfigMap): Errors {
  const { binaryData = {}, data = {}, metadata } = configMap
  const errors = [
    ...validateObjectMeta(metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateKeys('data', data),
    ...Object.keys(data)
      .filter((key) => Object.hasOwn(binaryData, key))
      .map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...validateKeys('binaryData', binaryData),
  ]
  const bytes =
    Object.values(data).reduce((sum, text) => sum + byteLength(text ?? ''), 0) +
    base64Bytes(binaryData)
  // What upstream prints for a path without a name, by which it means the whole object.
  return bytes > contentBytesMax ? [...errors, tooLongValue('[]', contentBytesMax)] : errors
}

/** Upstream repeats the key as the value, so that no content gets into an error. */
export function validateKeys(path: string, data: { readonly [key: string]: string }): Errors {
  return Object.keys(data).flatMap((key) =>
    configKeyErrors(key).map((detail) => invalidValue(`${path}[${key}]`, key, detail)),
  )
}

/** The decoded length of base64 values. */
export function base64Bytes(data: { readonly [key: string]: string }): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text ?? '', 'base64'), 0)
}

/** `immutable: true` holds for the content and for itself. */
export function validateImmutable<K extends string>(
  next: { readonly immutable?: boolean } & { readonly [key in K]?: unknown },
  previous: { readonly immutable?: boolean } & { readonly [key in K]?: unknown },
  contents: readonly K[],
): Errors {
  if (!previous.immutable) return []
  const changed: readonly string[] = contents.filter(
    (field) => !isSame(next[field], previous[field]),
  )
  const fields = next.immutable ? changed : ['immutable', ...changed]
  return fields.map((field) => forbiddenValue(field, 'field is immutable when `immutable` is set'))
}
