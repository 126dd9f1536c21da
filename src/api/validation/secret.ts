import { invalidValue, requiredValue, tooLongValue } from '../field-errors.ts'
import type { Secret } from '../generated/types.ts'
import { serviceAccountNameAnnotation, tokenSecretType } from '../names.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import { base64Bytes, contentBytesMax, validateImmutable, validateKeys } from './config-map.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, unchanged } from './rules.ts'

/** `stringData` must have been folded into `data` before. No error shows a value. */
export const secretRules: KindRules<Secret> = {
  create: validateSecret,
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...unchanged('type', next.type ?? '', previous.type ?? ''),
    ...validateImmutable(next, previous, ['data']),
    ...validateSecret(next),
  ],
}

function validateSecret(secret: Secret): Errors {
  const { data = {}, metadata } = secret
  const errors = [
    ...validateObjectMeta(metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateKeys('data', data),
  ]
  if (base64Bytes(data) > contentBytesMax) errors.push(tooLongValue('data', contentBytesMax))
  return [...errors, ...validateType(secret)]
}

/** What the well known types must hold. */
function validateType({ data = {}, metadata, type }: Secret): Errors {
  switch (type) {
    case tokenSecretType:
      if (metadata.annotations?.[serviceAccountNameAnnotation]) return []
      return [requiredValue(`metadata.annotations[${serviceAccountNameAnnotation}]`)]
    case 'kubernetes.io/dockercfg':
      return validateJson(data, '.dockercfg')
    case 'kubernetes.io/dockerconfigjson':
      return validateJson(data, '.dockerconfigjson')
    case 'kubernetes.io/basic-auth': {
      const fields = ['username', 'password']
      return fields.some((field) => field in data) ? [] : missingKeys(data, fields)
    }
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [requiredValue('data[ssh-privatekey]')]
    case 'kubernetes.io/tls':
      return missingKeys(data, ['tls.crt', 'tls.key'])
    default:
      return []
  }
}

function missingKeys(data: { readonly [key: string]: string }, keys: readonly string[]): Errors {
  return keys.filter((key) => !Object.hasOwn(data, key)).map((key) => requiredValue(`data[${key}]`))
}

function validateJson(data: { readonly [key: string]: string }, key: string): Errors {
  const missing = missingKeys(data, [key])
  if (missing.length > 0) return missing
  try {
    JSON.parse(Buffer.from(data[key] as string, 'base64').toString())
    return []
  } catch {
    // The parser's own message may quote the content.
    const detail = 'must be a JSON document'
    return [invalidValue(`data[${key}]`, '<secret contents redacted>', detail)]
  }
}
