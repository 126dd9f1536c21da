import type { ConfigMap, PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../api/json.ts'
import type { KubeObject } from '../../api/object.ts'
import { configMaps } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import { retryOnConflict } from '../../client/retry-on-conflict.ts'
import { found } from '../observe-workload.ts'
import { recordMeta, recordName } from '../record/record-object.ts'
import { RefusedByGuard, ReleaseError } from '../release-error.ts'
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
const holderKey = 'holder'

function journalName(workload: KubeObject): string {
  return recordName(workload, 'journal')
}

/** A journal as whoever works on it writes it. */
export interface JournalEntry {
  readonly journal: Journal
  /** When somebody last worked on it. */
  readonly beatMs: number
  /** One id per run: a journal may be taken over. */
  readonly holder: string
}

export function journalObject(workload: KubeObject, entry: JournalEntry): ConfigMap {
  const { journal, beatMs, holder } = entry
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: recordMeta(workload, 'journal', 'journal'),
    data: {
      journal: stringifyJson(journal),
      [beatKey]: String(beatMs),
      [holderKey]: holder,
    },
  }
}

export interface OpenJournal extends Omit<JournalEntry, 'holder'> {
  readonly object: ConfigMap
}

function readObject(transport: Transport, workload: KubeObject): Promise<ConfigMap | undefined> {
  const { namespace } = workload.metadata
  return found(transport.get(configMaps, { namespace, name: journalName(workload) }))
}

export async function readJournal(
  transport: Transport,
  workload: KubeObject,
): Promise<OpenJournal | undefined> {
  const object = await readObject(transport, workload)
  const text = object?.data?.journal
  if (!object || text === undefined) return undefined
  const journal = parseJson(text)
  if (!isJsonObject(journal)) return undefined
  const beatMs = Number(object.data?.[beatKey])
  return { journal: journal as unknown as Journal, beatMs, object }
}

export async function hasOpenJournal(transport: Transport, workload: KubeObject): Promise<boolean> {
  return (await readJournal(transport, workload)) !== undefined
}

/** Takes the workload for one transaction; refuses when another has it. */
export async function openJournal(
  transport: Transport,
  workload: KubeObject,
  entry: JournalEntry,
): Promise<void> {
  const object = journalObject(workload, entry)
  try {
    await transport.create(configMaps, { namespace: workload.metadata.namespace }, object)
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    throw underWay(workload)
  }
}

/** Goes on with what somebody has left behind; refuses when another has just done so. */
export async function takeJournal(
  transport: Transport,
  workload: KubeObject,
  { open, ...entry }: { readonly open: OpenJournal } & Pick<JournalEntry, 'beatMs' | 'holder'>,
): Promise<void> {
  const taken = journalObject(workload, { ...entry, journal: open.journal })
  try {
    await replace(transport, open.object, taken)
  } catch (error) {
    if (!isStatusError(error, 'Conflict') && !isStatusError(error, 'NotFound')) throw error
    throw underWay(workload)
  }
}

function replace(transport: Transport, live: ConfigMap, by: ConfigMap): Promise<ConfigMap> {
  const { namespace, name = '', resourceVersion } = live.metadata
  const object = { ...by, metadata: { ...by.metadata, resourceVersion } }
  return transport.update(configMaps, { namespace, name }, object as ConfigMap)
}

export function underWay(workload: KubeObject): RefusedByGuard {
  const message = `another rollback of ${workload.metadata.name} is under way or was interrupted`
  const hint = `look at it with \`astern history\`; run \`astern rollback\` again to finish what was interrupted, ${abandonedAfterMs / 1000} s after it stopped`
  return new RefusedByGuard([{ guard: 'under-way', message, hint }])
}

/** The run was taken for dead and its transaction taken over: it must not go on. */
export class TakenOver extends ReleaseError {
  override readonly name = 'TakenOver'

  constructor({ metadata }: KubeObject) {
    super(
      `the rollback of ${metadata.name} was taken over by another run, or its journal was deleted`,
      '`astern history` shows what became of it',
    )
  }
}

/**
 * Notes what is done, and that somebody is at work. `entry` is read anew for every try. Rejects
 * with TakenOver.
 */
export async function writeJournal(
  { context, transport }: { readonly context: RetryContext; readonly transport: Transport },
  workload: KubeObject,
  entry: () => JournalEntry,
): Promise<void> {
  await retryOnConflict(context, async () => {
    const live = await readObject(transport, workload)
    const wanted = entry()
    if (live?.data?.[holderKey] !== wanted.holder) throw new TakenOver(workload)
    await replace(transport, live, journalObject(workload, wanted))
  })
}

/** Ends what this holder began; what is another's stays. */
export async function closeJournal(
  transport: Transport,
  workload: KubeObject,
  holder: string,
): Promise<void> {
  const live = await readObject(transport, workload)
  if (live?.data?.[holderKey] !== holder) return
  const { namespace, name = '', uid } = live.metadata
  const preconditions = uid === undefined ? {} : { preconditions: { uid } }
  await found(transport.delete(configMaps, { namespace, name }, preconditions))
}

type RetryContext = Pick<Context, 'clock' | 'prng'>
