import type { Node, Pod } from '../api/generated/types.ts'
import { controllerRef, isTerminating } from '../api/object.ts'
import { type Amounts, podRequests } from './pod-requests.ts'

/** A node, and what is on it. */
export interface NodeState {
  readonly node: Node
  /** Bound to it and not ended, or about to be bound. */
  readonly pods: ReadonlyMap<string, Pod>
  readonly requested: Amounts
  /** How many of them have a controller of this uid, and are not on their way out. */
  readonly ownedBy: ReadonlyMap<string, number>
  /** Those of them that do not want every pod near. */
  readonly repelling: ReadonlyMap<string, Pod>
}

interface Usage {
  readonly pods: Map<string, Pod>
  readonly requested: Map<string, number>
  readonly ownedBy: Map<string, number>
  readonly repelling: Map<string, Pod>
}

function emptyUsage(): Usage {
  return { pods: new Map(), requested: new Map(), ownedBy: new Map(), repelling: new Map() }
}

const nothing = emptyUsage()

/** What each node has been given, kept up to date pod by pod. */
export class NodeUsage {
  readonly #byNode = new Map<string, Usage>()
  readonly #nodeOf = new Map<string, string>()

  /** The pod is on this node, and on no other. */
  put(pod: Pod, node: string): void {
    const { uid = '' } = pod.metadata
    this.remove(uid)
    const usage = this.#byNode.get(node) ?? emptyUsage()
    this.#byNode.set(node, usage)
    this.#nodeOf.set(uid, node)
    usage.pods.set(uid, pod)
    if (pod.spec?.affinity?.podAntiAffinity) usage.repelling.set(uid, pod)
    change(usage, pod, 1)
  }

  remove(uid: string): void {
    const node = this.#nodeOf.get(uid)
    const usage = node === undefined ? undefined : this.#byNode.get(node)
    const pod = usage?.pods.get(uid)
    if (node === undefined || !usage || !pod) return
    usage.pods.delete(uid)
    usage.repelling.delete(uid)
    this.#nodeOf.delete(uid)
    change(usage, pod, -1)
    if (usage.pods.size === 0) this.#byNode.delete(node)
  }

  of(node: Node): NodeState {
    return { node, ...(this.#byNode.get(node.metadata.name ?? '') ?? nothing) }
  }
}

function change({ requested, ownedBy }: Usage, pod: Pod, sign: 1 | -1): void {
  for (const [name, amount] of podRequests(pod)) add(requested, name, sign * amount)
  const owner = controllerRef(pod)
  if (owner && !isTerminating(pod)) add(ownedBy, owner.uid, sign)
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  const sum = (sums.get(key) ?? 0) + amount
  if (sum === 0) sums.delete(key)
  else sums.set(key, sum)
}
