import { stringifyJson } from '../../api/json.ts'
import {
  imageIdsAnnotation,
  operationsAnnotation,
  ranAsRevisionAnnotation,
  restartedAtAnnotation,
  revisionAnnotation,
} from '../../api/names.ts'
import { isContainerRunning } from '../../api/pod-facts.ts'
import { timestamp } from '../../base/clock.ts'
import type { LiveConfiguration, ObservedWorkload } from '../observe-workload.ts'
import { writingOf } from '../provenance.ts'
import { isSameTemplate } from '../template.ts'
import { type ConfigContent, contentDigest } from './configuration.ts'
import { isSignedBy, originOf } from './origin.ts'
import { prunable } from './prune.ts'
import { type FactChanges, verdictChanges } from './record-object.ts'
import type { RecordedConfiguration, RecordedSecret, Release, ReleaseData } from './release.ts'
import { newVerdict } from './verdict.ts'

export interface RecordPlan {
  /** A state that was not there before: what to write of it. */
  readonly create: ReleaseData | undefined
  /** What the release to create refers to. */
  readonly configurations: readonly ConfigContent[]
  /** What has been learned of the release that runs. */
  readonly learned: { readonly release: Release; readonly changes: FactChanges } | undefined
  readonly prune: readonly Release[]
}

export interface RecordInput {
  readonly nowMs: number
  /** The Secrets that the template reads, hashed. */
  readonly secrets: readonly RecordedSecret[]
  /** Releases to keep at most; see `prunable`. */
  readonly limit: number
}

/** What the records lack of what is observed: one for each distinct running state, in a row. */
export function nextRecord(observed: ObservedWorkload, input: RecordInput): RecordPlan {
  const { releases } = observed
  const last = releases.at(-1)
  const prune = prunable(releases, input.limit)
  if (last && isRunning(last, observed)) {
    const changes = learnedFacts(observed, last, timestamp(input.nowMs))
    const hasLearned = Object.keys(changes).length > 0
    const learned = hasLearned ? { release: last, changes } : undefined
    return { create: undefined, configurations: [], learned, prune }
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

/** Nobody has started pods for it: neither another template, nor a restart. */
function isOnlyConfiguration(last: Release | undefined, { template }: ObservedWorkload): boolean {
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

function learnedFacts(observed: ObservedWorkload, release: Release, at: string): FactChanges {
  const verdict = newVerdict(observed, release, at)
  const revision = observed.newReplicaSet?.metadata.annotations?.[revisionAnnotation]
  const ids = { ...release.imageIds, ...runningImageIds(observed) }
  const hasNewIds = Object.entries(ids).some(([name, id]) => release.imageIds[name] !== id)
  const operation = writingOf(
    observed.deployment.metadata.annotations,
    observed.template,
  )?.operation
  const isNewlySigned = operation !== undefined && !isSignedBy(release, operation)
  return {
    ...(verdict && verdictChanges(verdict)),
    ...(isNewlySigned && { [operationsAnnotation]: operationsWith(release, operation) }),
    ...(revision !== undefined &&
      revision !== release.revision && { [ranAsRevisionAnnotation]: revision }),
    ...(hasNewIds && { [imageIdsAnnotation]: stringifyJson(ids) }),
  }
}

/** Only the newest can still be on a ReplicaSet. */
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
