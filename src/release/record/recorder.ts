import type { ConfigMap, Secret } from '../../api/generated/types.ts'
import { keepSecretsAnnotation, operationAnnotation, recordLabel } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { configMaps, secrets } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import {
  found,
  type ObservedWorkload,
  observeWorkload,
  readReleases,
  type SecretFound,
} from '../observe-workload.ts'
import { readJournal } from '../rollback/journal.ts'
import { isSameTemplate } from '../template.ts'
import { secretHash } from './configuration.ts'
import { nextRecord, type RecordPlan } from './next-record.ts'
import { releaseLimit } from './prune.ts'
import {
  configurationName,
  configurationObject,
  type FactChanges,
  keptDigest,
  keptSecretName,
  keptSecretObject,
  recordSelector,
  releaseObject,
} from './record-object.ts'
import type { RecordedSecret, Release, WorkloadKey } from './release.ts'

export interface Recording {
  readonly context: Pick<Context, 'clock' | 'ids'>
  readonly transport: Transport
  /** Releases to keep; default 50. */
  readonly limit?: number
  /**
   * How long a new template waits for the configuration that may come with it: for who merely
   * looks on. Default 0.
   */
  readonly patienceMs?: number
}

/** Of who merely looks on. */
export const onlookerPatienceMs = 3000

/** Creating, learning and pruning are passes of their own; two recorders at once take some more. */
const passesMax = 8

/**
 * Writes what the records of a workload lack: level-triggered, and safe beside others that do the
 * same (a number is taken by creating its object). Returns the workload as it is recorded, its
 * releases included; undefined when it does not exist.
 */
export async function recordRelease(
  recording: Recording,
  workload: WorkloadKey,
): Promise<ObservedWorkload | undefined> {
  for (let pass = 1; ; pass++) {
    const observed = await observeWorkload(recording.transport, workload)
    if (!observed || observed.object.metadata.deletionTimestamp) return observed
    const plan = await planRecord(recording, observed)
    if (isEmpty(plan) || pass === passesMax) return observed
    await applyRecord(recording, observed, plan)
  }
}

/** Whether nothing is to be written. */
export function isEmpty({ create, learned, prune }: RecordPlan): boolean {
  return !create && !learned && prune.length === 0
}

/** What is to be written now; the only write it may make itself is the key for hashing Secrets. */
export async function planRecord(
  recording: Recording,
  observed: ObservedWorkload,
): Promise<RecordPlan> {
  const { context, limit = releaseLimit, patienceMs = 0 } = recording
  const hashed = await hashedSecrets(recording, observed)
  const plan = nextRecord(observed, {
    nowMs: context.clock.now(),
    secrets: hashed,
    limit,
    patienceMs,
  })
  const isBetween = plan.create !== undefined && (await isBetweenSteps(recording, observed))
  return isBetween ? { ...plan, create: undefined, configurations: [] } : plan
}

/**
 * A rollback has written the configuration and not yet the template: no state that anybody wants. A
 * template that somebody else brings meanwhile is one.
 */
async function isBetweenSteps(
  { transport }: Recording,
  { object, template, releases }: ObservedWorkload,
): Promise<boolean> {
  const last = releases.at(-1)
  if (!last || !isSameTemplate(last.template, template)) return false
  const open = await readJournal(transport, object)
  const written = object.metadata.annotations?.[operationAnnotation]
  return open !== undefined && open.journal.operation !== written
}

export async function applyRecord(
  { transport }: Recording,
  { object, secrets: live }: ObservedWorkload,
  plan: RecordPlan,
): Promise<void> {
  if (plan.create) {
    for (const content of plan.configurations) {
      await ensure(transport, configMaps, configurationObject(object, content))
    }
    for (const { secret } of live.filter(isKept)) {
      await ensure(transport, secrets, keptSecretObject(object, secret))
    }
    // Somebody else may take the number first: the next pass sees what he wrote.
    await ensure(transport, configMaps, releaseObject(object, plan.create))
  }
  if (plan.learned) await annotateRelease(transport, object, plan.learned)
  if (plan.prune.length > 0) await pruneReleases(transport, object, plan.prune)
}

function isKept(each: SecretFound): each is SecretFound & { readonly state: 'found' } {
  return (
    each.state === 'found' && each.secret.metadata.annotations?.[keepSecretsAnnotation] === 'true'
  )
}

/** Creates it unless there is one of that name. */
export async function ensure<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  object: KubeObject,
): Promise<void> {
  try {
    await transport.create(resource, { namespace: object.metadata.namespace }, object)
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
  }
}

/** Adds to what is known of a release; its data cannot change. */
export async function annotateRelease(
  transport: Transport,
  workload: KubeObject,
  { release, changes }: { readonly release: Pick<Release, 'name'>; readonly changes: FactChanges },
): Promise<void> {
  const { namespace } = workload.metadata
  const body = { metadata: { annotations: changes } }
  const patch = { type: 'application/merge-patch+json', body } as const
  await transport.patch(configMaps, { namespace, name: release.name }, patch)
}

async function pruneReleases(
  transport: Transport,
  workload: KubeObject,
  releases: readonly Release[],
): Promise<void> {
  const { namespace } = workload.metadata
  for (const { name } of releases) {
    await found(transport.delete(configMaps, { namespace, name }))
  }
  await pruneConfigurations(transport, workload)
}

/** Takes away the contents that no release refers to any more. */
async function pruneConfigurations(transport: Transport, workload: KubeObject): Promise<void> {
  const { namespace } = workload.metadata
  // A rollback under way may need what no release has.
  if (await readJournal(transport, workload)) return
  const used = new Set(
    (await readReleases(transport, workload)).flatMap((release) => [
      ...release.configMaps.flatMap(({ digest }) =>
        digest ? [configurationName(workload, digest)] : [],
      ),
      ...release.secrets.flatMap(({ kept }) => (kept ? [keptSecretName(workload, kept)] : [])),
    ]),
  )
  const labelSelector = recordSelector(workload, 'configuration')
  for (const resource of [configMaps, secrets] as readonly Resource<ConfigMap | Secret>[]) {
    const { items } = await transport.list(resource, { namespace }, { labelSelector })
    for (const item of items.filter(({ metadata }) => !used.has(metadata.name ?? ''))) {
      await found(transport.delete(resource, keyOf(item)))
    }
  }
}

const keyName = 'astern-release-key'

async function hashedSecrets(
  recording: Recording,
  { object, secrets: live }: ObservedWorkload,
): Promise<readonly RecordedSecret[]> {
  if (!live.some(({ state }) => state === 'found')) return live.map(unread)
  const key = await hashingKey(recording, object.metadata.namespace)
  return live.map((each) => {
    if (each.state !== 'found' || key === undefined) return unread(each)
    const hash = secretHash(each.secret, key)
    const kept = isKept(each) ? { kept: keptDigest(each.secret.data) } : {}
    return { name: each.name, state: 'hashed', hash, ...kept }
  })
}

function unread({ name, state }: SecretFound): RecordedSecret {
  return { name, state: state === 'missing' ? 'missing' : 'unreadable' }
}

/** One per namespace; undefined for who may not write Secrets there. */
async function hashingKey(
  { context, transport }: Recording,
  namespace: string | undefined,
): Promise<string | undefined> {
  const read = () => found(transport.get(secrets, { namespace, name: keyName }))
  const present = await read()
  if (present) return present.data?.key
  const key = Buffer.from(`${context.ids.uid()}${context.ids.uid()}`).toString('base64')
  const object: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: keyName, namespace, labels: { [recordLabel]: 'secrets-key' } },
    immutable: true,
    data: { key },
  }
  try {
    await ensure(transport, secrets, object)
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) return undefined
    throw error
  }
  return (await read())?.data?.key
}
