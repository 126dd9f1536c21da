import { createHash } from 'node:crypto'
import { decodeObject } from '../api/decode.ts'
import { applyDefaults } from '../api/defaults/apply-defaults.ts'
import { templatesEqual } from '../api/equality.ts'
import type { PodTemplateSpec } from '../api/generated/types.ts'
import { isJsonObject, type JsonValue } from '../api/json.ts'
import { restartedAtAnnotation } from '../api/names.ts'
import { oncePerFrozen } from '../base/memo.ts'
import { withoutHashLabel } from '../rollout/template-hash.ts'
import { isWorkloadKind, type Workload, workloadResource } from '../rollout/workload.ts'

/**
 * Without what says when pods were restarted, and which ReplicaSet they are of: neither is a
 * version.
 */
export function comparableTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const bare = withoutHashLabel(template)
  const annotations = bare.metadata?.annotations
  if (!annotations || !Object.hasOwn(annotations, restartedAtAnnotation)) return bare
  const { [restartedAtAnnotation]: _, ...others } = annotations
  return { ...bare, metadata: { ...bare.metadata, annotations: others } }
}

/** Whether two defaulted templates are the same version. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return a === b || templatesEqual(comparableTemplate(a), comparableTemplate(b))
}

/**
 * A name for a defaulted template: the same for templates that are the same version. 16 hex digits.
 */
export function templateFingerprint(template: PodTemplateSpec): string {
  return digest(comparableTemplate(template)).slice(0, 16)
}

/** SHA-256 of a JSON value, in hex, whatever the order of its keys; absent and empty are one. */
export function digest(value: unknown): string {
  return typeof value === 'object' && value !== null ? digestOf(value) : hashed(value)
}

const digestOf = oncePerFrozen(hashed)

function hashed(value: unknown): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex')
}

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => !isNothing(member))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`)
  return `{${members.join(',')}}`
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/**
 * A manifest of a workload as the server would store it: decoded and defaulted, so that it can be
 * compared. undefined for another kind; throws a StatusError for what cannot be decoded.
 */
export function defaultedWorkload(manifest: JsonValue): Workload | undefined {
  if (!isJsonObject(manifest) || !isWorkloadKind(manifest.kind)) return undefined
  const resource = workloadResource(manifest.kind)
  const { object } = decodeObject(resource, { value: manifest }, 'Ignore')
  return applyDefaults(resource, object)
}

/** The defaulted template of a manifest; undefined when it has none, or is of another kind. */
export function templateOf(manifest: JsonValue): PodTemplateSpec | undefined {
  return defaultedWorkload(manifest)?.spec?.template
}
