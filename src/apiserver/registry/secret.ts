import type { Secret } from '../../api/generated/types.ts'
import { secrets } from '../../api/scheme.ts'
import { defineStrategy, without } from './strategy.ts'

/** `stringData` is for writing only: it is laid over `data` and never stored. */
function mergeStringData(secret: Secret): Secret {
  if (!secret.stringData) return secret
  const encoded = Object.entries(secret.stringData).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ])
  const data = { ...secret.data, ...Object.fromEntries(encoded) }
  return { ...without(secret, 'stringData'), data }
}

export const secretStrategy = defineStrategy(secrets, {
  prepareForCreate: mergeStringData,
  prepareForUpdate: mergeStringData,
})
