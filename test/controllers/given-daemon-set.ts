import type {
  ControllerRevision,
  DaemonSet,
  DaemonSetSpec,
  Node,
  Pod,
  PodSpec,
} from '../../src/api/generated/types.ts'
import type { JsonValue } from '../../src/api/json.ts'
import { controllerRevisions, daemonSets, nodes } from '../../src/api/scheme.ts'
import type { Patch } from '../../src/api/transport.ts'
import { nodeOf } from '../../src/rollout/daemon-set-pod.ts'
import type { GivenCluster } from './given-cluster.ts'

const inDefault = { namespace: 'default' }

export function givenDaemonSet(
  given: Partial<DaemonSetSpec> & {
    readonly image?: string
    readonly annotations?: Record<string, string>
    readonly pod?: Partial<PodSpec>
  } = {},
): DaemonSet {
  const { image = 'app:1', annotations, pod, ...spec } = given
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', ...(annotations && { annotations }) },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { containers: [{ name: 'app', image }], ...pod },
      },
      ...spec,
    },
  }
}

export function rollingUpdate(maxUnavailable: number | string, maxSurge: number | string = 0) {
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } } }
}

export function givenNode(
  name: string,
  given: Partial<Node['metadata'] & Node['spec']> = {},
): Node {
  const { labels, ...spec } = given
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, ...(labels && { labels }) }, spec }
}

/** What a test of a DaemonSet `agent` asks and does. */
export class DaemonSetUnderTest {
  readonly #cluster: GivenCluster

  constructor(cluster: GivenCluster) {
    this.#cluster = cluster
  }

  async nodes(count: number): Promise<void> {
    for (let i = 1; i <= count; i++) {
      await this.#cluster.transport.create(nodes, {}, givenNode(`node-${i}`))
    }
  }

  /** A merge patch. */
  changeNode(name: string, body: object): Promise<Node> {
    const patch = { type: 'application/merge-patch+json', body } as Patch
    return this.#cluster.transport.patch(nodes, { name }, patch)
  }

  get(): Promise<DaemonSet> {
    return this.#cluster.transport.get(daemonSets, { ...inDefault, name: 'agent' })
  }

  /** A merge patch. */
  change(body: object): Promise<DaemonSet> {
    const patch = { type: 'application/merge-patch+json', body } as Patch
    return this.#cluster.transport.patch(daemonSets, { ...inDefault, name: 'agent' }, patch)
  }

  setImage(image: string): Promise<DaemonSet> {
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
    await this.#cluster.transport.patch(daemonSets, { ...inDefault, name: 'agent' }, patch)
  }

  /** By number, ascending. */
  async history(): Promise<readonly ControllerRevision[]> {
    const { items } = await this.#cluster.transport.list(controllerRevisions, inDefault)
    return [...items].sort((a, b) => Number(a.revision) - Number(b.revision))
  }

  async numbers(): Promise<readonly number[]> {
    return (await this.history()).map(({ revision }) => Number(revision))
  }

  /** By node, then by image. */
  async pods(): Promise<readonly Pod[]> {
    const live = await this.#cluster.livePods()
    const nameOf = (pod: Pod) => `${nodeOf(pod)} ${pod.spec?.containers[0]?.image}`
    return [...live].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  }

  async podOn(node: string): Promise<Pod> {
    const found = (await this.pods()).find((pod) => nodeOf(pod) === node)
    if (!found) throw new Error(`no pod on ${node}`)
    return found
  }

  /** `NODE IMAGE` of each pod. */
  async images(): Promise<readonly string[]> {
    return (await this.pods()).map((pod) => `${nodeOf(pod)} ${pod.spec?.containers[0]?.image}`)
  }

  /**
   * Until every node that should have one, and there are such, has an available pod of the present
   * template, and no other.
   */
  async updated(withinMs = 120_000): Promise<DaemonSet> {
    await this.#cluster.until(
      'updated',
      async () => {
        const { metadata, status } = await this.get()
        const wanted = status?.desiredNumberScheduled || Number.NaN
        const counts = [status?.updatedNumberScheduled, status?.numberAvailable]
        const isObserved = status?.observedGeneration === metadata.generation
        const isAlone = (await this.pods()).length === wanted
        return isObserved && isAlone && counts.every((count) => (count ?? 0) === wanted)
      },
      withinMs,
    )
    return this.get()
  }

  async messages(): Promise<readonly string[]> {
    const told = await this.#cluster.eventsAbout('DaemonSet')
    return told.map(({ type, reason, message }) => `${type} ${reason} ${message}`)
  }
}
