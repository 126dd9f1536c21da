import type { Pod, PodTemplateSpec } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Transport } from '../../api/transport.ts'

/**
 * A template that a workload has had, with the object in which Kubernetes keeps it: a ReplicaSet or
 * a ControllerRevision.
 */
export interface KeptRevision {
  /** As `rollout history` counts; 0 or undefined: nobody has numbered it. */
  readonly number: bigint | undefined
  /** As the workload had it. */
  readonly template: PodTemplateSpec
  readonly object: KubeObject
  /** Another one ran since it was made: it was left once, and came back. */
  readonly isReused: boolean
}

/** What a workload keeps and runs, read at one moment. */
export interface WorkloadRevisions {
  /** Of two with the same number the later one stands. */
  readonly revisions: readonly KeptRevision[]
  /** The one of the live template; undefined: the controller has not made it yet. */
  readonly running: KeptRevision | undefined
  /** Of the running revision. */
  readonly pods: readonly Pod[]
  /** Of others; a Deployment's are none, for its ReplicaSets see to them. */
  readonly outdatedPods: readonly Pod[]
}

/** How far the rollout of the live template has come. */
export type RolloutStage =
  /** The controller has not seen it yet: what the status says is of another template. */
  | { readonly stage: 'unseen' }
  /** `failsAtMs`: when its pods will have had their time. */
  | { readonly stage: 'rolling'; readonly failsAtMs?: number }
  | { readonly stage: 'done' }
  /** All that goes on by itself is done, and pods of other revisions stay. */
  | { readonly stage: 'held'; readonly why: string }
  | { readonly stage: 'failed'; readonly why: string }

/**
 * All that releases have to know of a kind of workload, and in which the kinds differ. Nothing else
 * of this layer asks what kind it is.
 */
export interface WorkloadRules<T extends KubeObject = KubeObject> {
  observe(transport: Transport, workload: T): Promise<WorkloadRevisions>
  /** How many pods it shall have; of none nothing can be learned. */
  size(workload: T): number
  /** Pure. */
  stage(workload: T, revisions: WorkloadRevisions, nowMs: number): RolloutStage
  /** Whether the whole rollout waits for somebody to resume it. */
  isPaused(workload: T): boolean
  /** Whether a raw undo brings back what was said of the template, too (B-80; not G-42). */
  readonly undoBringsAnnotations: boolean
  /** Fields of the spec that the server lets nobody change. */
  readonly fixedFields: readonly string[]
  /** What keeps pods at the revision they have, in words; undefined: nothing. */
  brake(workload: T): string | undefined
  /**
   * Pods of other revisions that are not ready, and for which the controller waits, so that the way
   * back is blocked (D-1B). Never a ready one.
   */
  podsInTheWay(workload: T, revisions: WorkloadRevisions): readonly Pod[]
  /** Those that may come to be that when this template is written. */
  podsThatWouldBlock(
    workload: T,
    revisions: WorkloadRevisions,
    target: PodTemplateSpec,
  ): readonly Pod[]
}
