import { stringifyJson } from '../../api/json.ts'
import {
  imageIdsAnnotation,
  operationsAnnotation,
  ranAsRevisionAnnotation,
  restartedAtAnnotation,
} from '../../api/names.ts'
import { isContainerRunning } from '../../api/pod-facts.ts'
import { timestamp } from '../../base/clock.ts'
import type { LiveConfiguration, ObservedWorkload } from '../observe-workload.ts'
import { writingOf } from '../provenance.ts'
import { isSameTemplate } from '../template.ts'
import { rulesOf } from '../workload/rules-of.ts'
import { type ConfigContent, contentDigest, type References } from './configuration.ts'
import { isSignedBy, originOf, templateWriter } from './origin.ts'
import { prunable } from './prune.ts'
import { type FactChanges, verdictChanges } from './record-object.ts'
import type { RecordedConfiguration, RecordedSecret, Release, ReleaseData } from './release.ts'
import { newVerdict, overdueInMs } from './verdict.ts'

export interface RecordPlan {
  /** A state that was not there before: what to write of it. */
  readonly create: ReleaseData | undefined
  /** What the release to create refers to. */
  readonly configurations: readonly ConfigContent[]
  /** What has been learned of the release that runs. */
  readonly learned: { readonly release: Release; readonly changes: FactChanges } | undefined
  readonly prune: readonly Release[]
  /**
   * When to look again: what the new state reads may be about to come, or its pods will have had
   * their time.
   */
  readonly lookAgainMs?: number
}

export interface RecordInput {
  readonly nowMs: number
  /** The Secrets that the template reads, hashed. */
  readonly secrets: readonly RecordedSecret[]
  /** Releases to keep at most; see `prunable`. */
  readonly limit: number
  /** How long a new template waits for the configuration that may come with it; default 0. */
  readonly patienceMs?: number
}

/** What the records lack of what is observed: one for each distinct running state, in a row. */
export function nextRecord(observed: ObservedWorkload, input: RecordInput): RecordPlan {
  const { releases } = observed
  const last = releases.at(-1)
  const prune = prunable(releases, input.limit)
  if (last && isRunning(last, observed)) {
    const changes = learnedFacts(observed, last, input.nowMs)
    const hasLearned = Object.keys(changes).length > 0
    const learned = hasLearned ? { release: last, changes } : undefined
    const overdueMs = overdueInMs(observed, last, input.nowMs)
    const lookAgain = overdueMs === undefined ? {} : { lookAgainMs: overdueMs }
    return { create: undefined, configurations: [], learned, prune, ...lookAgain }
  }
  const lookAgainMs = incompleteForMs(observed, input)
  if (lookAgainMs > 0) {
    return { create: undefined, configurations: [], learned: undefined, prune, lookAgainMs }
  }
  const create: ReleaseData = {
    number: (last?.number ?? 0) + 1,
    at: timestamp(input.nowMs),
    template: observed.template,
    configMaps: recordedConfiguration(observed),
    secrets: input.secrets,
    isConfigurationOnly: isOnlyConfiguration(last, observed),
    ...originOf(observed),
  }
  return { create, configurations: [...observed.configMaps.values()], learned: undefined, prune }
}

/**
 * How long what is seen may still be half of an apply: one writes many objects, in any order, and
 * the template may come before the configuration that goes with it.
 */
function incompleteForMs(
  observed: ObservedWorkload,
  { nowMs, patienceMs = 0 }: RecordInput,
): number {
  const { object, running, references, template, releases } = observed
  if (patienceMs === 0 || references.configMaps.length === 0) return 0
  const source = writingOf(object.metadata.annotations, template)?.source
  if (source === 'rollback' || source === 'redo') return 0
  const isMissing = missingNeeded(references, recordedConfiguration(observed)).length > 0
  const last = releases.at(-1)
  if (last && isSameTemplate(last.template, template) && !isMissing) return 0
  if (!running) return rulesOf(object).isPaused(object) ? 0 : patienceMs
  const writer = templateWriter(object.metadata.managedFields)
  if (writer?.kind === 'rollout') return 0
  const times = [running.object.metadata.creationTimestamp, writer?.at].map((at) =>
    Date.parse(at ?? ''),
  )
  const beganMs = Math.max(0, ...times.filter((time) => !Number.isNaN(time)))
  return Math.max(0, beganMs + patienceMs - nowMs)
}

function missingNeeded(
  { optional }: References,
  configMaps: readonly RecordedConfiguration[],
): readonly RecordedConfiguration[] {
  return configMaps.filter(
    ({ name, digest }) => digest === undefined && !optional.has(`configmap/${name}`),
  )
}

/**
 * Nobody has started pods for it: neither another template, nor a restart; and those that there are
 * could start before.
 */
function isOnlyConfiguration(
  last: Release | undefined,
  { template, references }: ObservedWorkload,
): boolean {
  if (last && missingNeeded(references, last.configMaps).length > 0) return false
  const restartedAt = (of: Release['template']) => of.metadata?.annotations?.[restartedAtAnnotation]
  return (
    last !== undefined &&
    isSameTemplate(last.template, template) &&
    restartedAt(last.template) === restartedAt(template)
  )
}

/** Whether a release is what runs now: its template, and the content of what that reads. */
export function isRunning(
  release: Pick<ReleaseData, 'template' | 'configMaps'>,
  observed: ObservedWorkload,
): boolean {
  return (
    isSameTemplate(release.template, observed.template) &&
    isSameConfiguration(release.configMaps, recordedConfiguration(observed))
  )
}

export function isSameConfiguration(
  a: readonly RecordedConfiguration[],
  b: readonly RecordedConfiguration[],
): boolean {
  const text = (list: readonly RecordedConfiguration[]) =>
    list
      .map(({ name, digest }) => `${name}=${digest ?? ''}`)
      .sort()
      .join('\n')
  return text(a) === text(b)
}

export function recordedConfiguration({
  references,
  configMaps,
}: Pick<LiveConfiguration, 'references' | 'configMaps'>): readonly RecordedConfiguration[] {
  return references.configMaps.map((name) => {
    const configMap = configMaps.get(name)
    return configMap ? { name, digest: contentDigest(configMap) } : { name }
  })
}

function learnedFacts(observed: ObservedWorkload, release: Release, nowMs: number): FactChanges {
  const verdict = newVerdict(observed, release, nowMs)
  const number = observed.running?.number
  const revision = number ? String(number) : undefined
  const ids = { ...release.imageIds, ...runningImageIds(observed) }
  const hasNewIds = Object.entries(ids).some(([name, id]) => release.imageIds[name] !== id)
  const operation = writingOf(observed.object.metadata.annotations, observed.template)?.operation
  const isNewlySigned = operation !== undefined && !isSignedBy(release, operation)
  return {
    ...(verdict && verdictChanges(verdict)),
    ...(isNewlySigned && { [operationsAnnotation]: operationsWith(release, operation) }),
    ...(revision !== undefined &&
      revision !== release.revision && { [ranAsRevisionAnnotation]: revision }),
    ...(hasNewIds && { [imageIdsAnnotation]: stringifyJson(ids) }),
  }
}

/** Only the newest can still be on what keeps the template. */
function operationsWith({ operations }: Release, operation: string): string {
  return [...operations, operation].slice(-20).join(',')
}

/** What the tags meant when it ran: the first running container of each name tells. */
function runningImageIds({ pods }: ObservedWorkload): { readonly [container: string]: string } {
  const found = pods.flatMap(({ status = {} }) =>
    [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
      .filter((each) => each.imageID !== '' && (isContainerRunning(each) || each.state?.terminated))
      .map(({ name, imageID }) => [name, imageID] as const),
  )
  return Object.fromEntries(found.reverse())
}
