import type {
  ControllerRevision,
  Pod,
  StatefulSet,
  StatefulSetSpec,
} from '../../src/api/generated/types.ts'
import type { JsonValue } from '../../src/api/json.ts'
import { controllerRevisions, pods, statefulSets } from '../../src/api/scheme.ts'
import type { Patch } from '../../src/api/transport.ts'
import type { GivenCluster } from './given-cluster.ts'

const inDefault = { namespace: 'default' }

export function givenStatefulSet(
  given: Partial<StatefulSetSpec> & {
    readonly image?: string
    readonly annotations?: Record<string, string>
  } = {},
): StatefulSet {
  const { image = 'app:1', annotations, ...spec } = given
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', ...(annotations && { annotations }) },
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image }] },
      },
      ...spec,
    },
  }
}

export const parallel = { podManagementPolicy: 'Parallel' }

export function rollingUpdate(partition: number, maxUnavailable: number | string = 1) {
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition, maxUnavailable } } }
}

/** What a test of a StatefulSet `web` asks and does. */
export class StatefulSetUnderTest {
  readonly #cluster: GivenCluster

  constructor(cluster: GivenCluster) {
    this.#cluster = cluster
  }

  get(): Promise<StatefulSet> {
    return this.#cluster.transport.get(statefulSets, { ...inDefault, name: 'web' })
  }

  /** A merge patch. */
  change(body: object): Promise<StatefulSet> {
    const patch = { type: 'application/merge-patch+json', body } as Patch
    return this.#cluster.transport.patch(statefulSets, { ...inDefault, name: 'web' }, patch)
  }

  setImage(image: string): Promise<StatefulSet> {
    const containers = [{ name: 'app', image }]
    return this.change({ spec: { template: { spec: { containers } } } })
  }

  /**
   * `kubectl rollout undo --to-revision`: the revision's data as a strategic merge patch (G-42).
   */
  async undoTo(revision: number): Promise<void> {
    const target = (await this.history()).find((each) => Number(each.revision) === revision)
    const body = target?.data as JsonValue
    const patch = { type: 'application/strategic-merge-patch+json', body } as const
    await this.#cluster.transport.patch(statefulSets, { ...inDefault, name: 'web' }, patch)
  }

  /** By number, ascending. */
  async history(): Promise<readonly ControllerRevision[]> {
    const { items } = await this.#cluster.transport.list(controllerRevisions, inDefault)
    return [...items].sort((a, b) => Number(a.revision) - Number(b.revision))
  }

  async numbers(): Promise<readonly number[]> {
    return (await this.history()).map(({ revision }) => Number(revision))
  }

  /** By name. */
  async pods(): Promise<readonly Pod[]> {
    const live = await this.#cluster.livePods()
    return [...live].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  }

  pod(ordinal: number): Promise<Pod> {
    return this.#cluster.transport.get(pods, { ...inDefault, name: `web-${ordinal}` })
  }

  async deletePod(ordinal: number): Promise<void> {
    await this.#cluster.transport.delete(pods, { ...inDefault, name: `web-${ordinal}` })
  }

  /** `NAME IMAGE` of each pod. */
  async images(): Promise<readonly string[]> {
    const text = ({ metadata, spec }: Pod) => `${metadata.name} ${spec?.containers[0]?.image}`
    return (await this.pods()).map(text)
  }

  /** Until all wanted pods, and no others, are ready. */
  async ready(withinMs = 120_000): Promise<StatefulSet> {
    await this.#cluster.until(
      'all ready',
      async () => {
        const { metadata, spec, status } = await this.get()
        const counts = [status?.replicas, status?.readyReplicas, status?.availableReplicas]
        const isObserved = status?.observedGeneration === metadata.generation
        return isObserved && counts.every((count) => count === spec?.replicas)
      },
      withinMs,
    )
    return this.get()
  }

  /** Until it says that the update is complete, too. */
  async updated(withinMs = 120_000): Promise<StatefulSet> {
    await this.#cluster.until(
      'updated',
      async () => {
        const { spec, status } = await this.ready(withinMs)
        return (
          status?.updatedReplicas === spec?.replicas &&
          status?.currentRevision === status?.updateRevision
        )
      },
      withinMs,
    )
    return this.get()
  }

  /** Pod names in the order of their creations and deletions from now on: `+web-0`, `-web-2`. */
  record(): readonly string[] {
    const seen = new Map<string, boolean>()
    const log: string[] = []
    this.#cluster.watch(pods, ({ metadata }) => {
      const isLeaving = metadata.deletionTimestamp !== undefined
      const known = seen.get(metadata.uid ?? '')
      if (known === undefined && !isLeaving) log.push(`+${metadata.name}`)
      if (isLeaving && known !== true) log.push(`-${metadata.name}`)
      seen.set(metadata.uid ?? '', isLeaving)
    })
    return log
  }

  async messages(): Promise<readonly string[]> {
    const told = await this.#cluster.eventsAbout('StatefulSet')
    return told.map(({ type, reason, message }) => `${type} ${reason} ${message}`)
  }
}
