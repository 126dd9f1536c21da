import type { PodTemplateSpec } from '../api/generated/types.ts'
import { podTemplateHashLabel } from '../api/names.ts'
import { safeAlphabet } from '../base/ids.ts'
import { oncePerFrozen } from '../base/memo.ts'

/**
 * The `pod-template-hash` of a template (B-11): at most ten characters, a legal label, the same for
 * the same template and collisionCount, whatever the order of keys. Opaque: whether a ReplicaSet
 * has a template is decided by equality, never by this.
 */
export function templateHash(template: PodTemplateSpec, collisionCount?: number): string {
  const salt = collisionCount === undefined ? [] : uint64Bytes(collisionCount)
  return safeText(String(fnv1a32(salt, unsaltedHash(template))))
}

const unsaltedHash = oncePerFrozen((template: PodTemplateSpec) =>
  fnv1a32(new TextEncoder().encode(canonicalText(withoutHashLabel(template)))),
)

export function withoutHashLabel(template: PodTemplateSpec): PodTemplateSpec {
  const labels = template.metadata?.labels
  if (!labels || !Object.hasOwn(labels, podTemplateHashLabel)) return template
  const { [podTemplateHashLabel]: _, ...others } = labels
  return { ...template, metadata: { ...template.metadata, labels: others } }
}

export function withHashLabel(template: PodTemplateSpec, hash: string): PodTemplateSpec {
  const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash }
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** JSON with sorted keys; members without a value are left out, as absent ones are. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`)
  return `{${members.join(',')}}`
}

const fnvStart = 0x811c9dc5

/** FNV-1a, 32 bits; `start`: the hash of the bytes before these. */
export function fnv1a32(bytes: Iterable<number>, start = fnvStart): number {
  let hash = start
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** FNV-1, 32 bits: as FNV-1a, but multiplied first. */
export function fnv1Hash32(bytes: Iterable<number>, start = fnvStart): number {
  let hash = start
  for (const byte of bytes) hash = Math.imul(hash, 0x01000193) ^ byte
  return hash >>> 0
}

/** Each character by its code, modulo the alphabet that cannot spell a word. */
export function safeText(text: string): string {
  return [...text].map((char) => safeAlphabet[char.charCodeAt(0) % safeAlphabet.length]).join('')
}

/** Eight bytes, the low ones first. */
function uint64Bytes(count: number): readonly number[] {
  return Array.from({ length: 8 }, (_, i) => (i < 4 ? (count >>> (8 * i)) & 0xff : 0))
}
