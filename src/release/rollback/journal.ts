import type { ConfigMap, PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../api/json.ts'
import type { KubeObject } from '../../api/object.ts'
import { configMaps } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { found } from '../observe-workload.ts'
import { recordMeta, recordName } from '../record/record-object.ts'
import { RefusedByGuard } from '../release-error.ts'
import type { AppGit } from './git-step.ts'

/**
 * The steps of a transaction, each of which may be done twice. `commit` before the cluster, or not
 * at all (`--cluster-first`); `sync`: whoever owns the object applies it, we wait.
 */
export type StepName = 'commit' | 'configuration' | 'template' | 'sync' | 'record' | 'verdict'

/** What shall run: found before the first step, so that every later one needs nothing else. */
export interface TargetState {
  /** For people: `r3`, `commit 1f2e3d4c5b6a`, `revision 2`. */
  readonly label: string
  /** The position of the release whose state it is. */
  readonly restores?: number
  readonly template: PodTemplateSpec
  /** The manifest that makes it, where one is known. */
  readonly manifest?: JsonObject
  /** What the template reads: the digest under which its content lies beside the releases. */
  readonly configMaps: readonly TargetConfiguration[]
  /** Secrets that asked for their content to be kept, and under which digest it is. */
  readonly secrets?: readonly { readonly name: string; readonly kept: string }[]
  /** The commit that has it. */
  readonly commit?: string
  /** Only the configuration changes: pods have to be restarted to read it. */
  readonly restart?: boolean
}

export interface TargetConfiguration {
  readonly name: string
  readonly digest: string
  readonly manifest?: JsonObject
}

/**
 * A transaction that has begun and not ended; an object of the namespace, so that everybody sees
 * it.
 */
export interface Journal {
  /**
   * Also a trailer of the commit and an annotation of the template: by it each step knows whether
   * it is done.
   */
  readonly operation: string
  /** `apply`: what Git has is given back to the cluster. */
  readonly verb: 'rollback' | 'redo' | 'apply'
  readonly startedAt: string
  readonly by: string | undefined
  readonly reason: string | undefined
  readonly steps: readonly StepName[]
  /** How many of them are done. */
  readonly done: number
  readonly target: TargetState
  /** What was left: release number and commit. */
  readonly from: {
    readonly release: number
    readonly commit: string | undefined
    /** Of the template: another one means that somebody else has deployed since. */
    readonly template: string
  }
  readonly git: AppGit | undefined
  /** Whether a paused Deployment is resumed. */
  readonly resume: boolean
  /** The commit that was made. */
  readonly commit: string | undefined
  /** Where it waits until it is on the deploy branch; absent: it is there. */
  readonly waitsIn: string | undefined
}

/** A journal that nobody has touched for so long was left behind: milliseconds. */
export const abandonedAfterMs = 30_000

const beatKey = 'beat'

function journalName(workload: KubeObject): string {
  return recordName(workload, 'journal')
}

/** The object of a journal; `beatMs` says when somebody last worked on it. */
export function journalObject(workload: KubeObject, journal: Journal, beatMs: number): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: recordMeta(workload, 'journal', 'journal'),
    data: { journal: stringifyJson(journal), [beatKey]: String(beatMs) },
  }
}

export interface OpenJournal {
  readonly journal: Journal
  readonly beatMs: number
}

export async function readJournal(
  transport: Transport,
  workload: KubeObject,
): Promise<OpenJournal | undefined> {
  const { namespace } = workload.metadata
  const name = journalName(workload)
  const object = await found(transport.get(configMaps, { namespace, name }))
  const text = object?.data?.journal
  if (text === undefined) return undefined
  const journal = parseJson(text)
  if (!isJsonObject(journal)) return undefined
  return { journal: journal as unknown as Journal, beatMs: Number(object?.data?.[beatKey]) }
}

export async function hasOpenJournal(transport: Transport, workload: KubeObject): Promise<boolean> {
  return (await readJournal(transport, workload)) !== undefined
}

/** Takes the workload for one transaction; refuses when another has it. */
export async function openJournal(
  transport: Transport,
  workload: KubeObject,
  { journal, nowMs }: { readonly journal: Journal; readonly nowMs: number },
): Promise<void> {
  const object = journalObject(workload, journal, nowMs)
  try {
    await transport.create(configMaps, { namespace: workload.metadata.namespace }, object)
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    throw underWay(workload)
  }
}

export function underWay(workload: KubeObject): RefusedByGuard {
  const message = `another rollback of ${workload.metadata.name} is under way or was interrupted`
  const hint =
    'look at it with `astern history`; run `astern rollback` again to finish what was interrupted'
  return new RefusedByGuard([{ guard: 'under-way', message, hint }])
}

/** Notes what is done, and that somebody is at work. */
export async function writeJournal(
  transport: Transport,
  workload: KubeObject,
  { journal, nowMs }: { readonly journal: Journal; readonly nowMs: number },
): Promise<void> {
  const { namespace } = workload.metadata
  const object = journalObject(workload, journal, nowMs)
  await transport.update(configMaps, { namespace, name: journalName(workload) }, object)
}

export async function closeJournal(transport: Transport, workload: KubeObject): Promise<void> {
  const { namespace } = workload.metadata
  await found(transport.delete(configMaps, { namespace, name: journalName(workload) }))
}
