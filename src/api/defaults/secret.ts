import type { Secret } from '../generated/types.ts'
import { fill } from './copy-on-change.ts'

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** Type Opaque; `stringData` goes into `data`, where it wins, and is gone afterwards. */
export function defaultSecret(secret: Secret): Secret {
  const typed = fill(secret, { type: 'Opaque' })
  const { stringData, ...rest } = typed
  if (stringData === undefined) return typed
  const encoded = Object.entries(stringData).map(([key, text]) => [key, encode(text)] as const)
  const data = Object.freeze({ ...rest.data, ...Object.fromEntries(encoded) })
  return Object.freeze({ ...rest, data })
}
