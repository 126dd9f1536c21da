import type { ControllerRevision, PodTemplateSpec } from '../api/generated/types.ts'
import {
  deepFreeze,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  stringifyJson,
} from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import { oncePerFrozen } from '../base/memo.ts'
import { ownerReferenceTo } from './owner-reference.ts'

const directive = '$patch'

/**
 * The strategic merge patch that brings a template back (D-01). Members are sorted by name, as Go
 * writes maps: kubectl compares the bytes with those it makes of the live template.
 */
export const templatePatch = oncePerFrozen((template: PodTemplateSpec): JsonValue => {
  const replacement: unknown = { ...template, [directive]: 'replace' }
  return deepFreeze({ spec: { template: sorted(replacement as JsonValue) } })
})

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, member]) => (member === undefined ? [] : [[name, sorted(member)] as const]))
  return Object.fromEntries(members)
}

/** The template that a revision keeps: the same one for the same frozen data. */
export function templateOfRevision({ data }: ControllerRevision): PodTemplateSpec {
  const spec = isJsonObject(data) ? data.spec : undefined
  const template = isJsonObject(spec) ? spec.template : undefined
  if (!isJsonObject(template)) return {}
  return withoutDirective(template)
}

const withoutDirective = oncePerFrozen(({ [directive]: _, ...template }: JsonObject) => {
  return Object.freeze(template) as PodTemplateSpec
})

/** Whether two revisions keep the same, whatever the order of members (D-04). */
export function hasDataOf(a: ControllerRevision, b: ControllerRevision): boolean {
  return sortedText(a.data ?? null) === sortedText(b.data ?? null)
}

function sortedText(data: JsonValue): string {
  return isJsonObject(data) ? textOf(data) : stringifyJson(data)
}

const textOf = oncePerFrozen((data: JsonObject) => stringifyJson(sorted(data)))

/** A revision's number: int64 (I-01). */
export function numberOf({ revision }: ControllerRevision): bigint {
  return BigInt(revision)
}

/** The same revision with another number, which is a bigint only where it must be. */
export function numbered(revision: ControllerRevision, number: bigint): ControllerRevision {
  return { ...revision, revision: wireNumber(number) }
}

function wireNumber(number: bigint): number | bigint {
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number
}

/** Lowest number first; ties by age, then by name. */
export function byNumber(a: ControllerRevision, b: ControllerRevision): number {
  const [left, right] = [numberOf(a), numberOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return (
    compareText(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compareText(a.metadata.name, b.metadata.name)
  )
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** D-04: one more than the highest. */
export function nextNumber(revisions: readonly ControllerRevision[]): bigint {
  const latest = [...revisions].sort(byNumber).at(-1)
  return latest ? numberOf(latest) + 1n : 1n
}

interface Workload extends KubeObject {
  readonly spec?: { readonly template: PodTemplateSpec }
}

export interface RevisionIdentity {
  readonly name: string
  /** Besides the template's. */
  readonly labels: { readonly [key: string]: string }
  readonly number: bigint
}

/** A revision to create (D-01); its annotations are the owner's of this moment, for good (D-03). */
export function newRevision(
  owner: Workload,
  { name, labels, number }: RevisionIdentity,
): ControllerRevision {
  const template = owner.spec?.template ?? {}
  const { annotations, namespace } = owner.metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, ...labels },
      ...(annotations && { annotations }),
      ownerReferences: [ownerReferenceTo(owner)],
    },
    data: templatePatch(template),
    revision: wireNumber(number),
  }
}
