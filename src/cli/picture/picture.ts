import type { RolloutReport } from '../../rollout/rollout-status.ts'

export interface PodRow {
  readonly uid: string
  readonly name: string
  /** Of its first container's image. */
  readonly version: string
  /** As in kubectl's column STATUS: `Running`, `Terminating`, `ErrImagePull`, … */
  readonly status: string
  readonly isReady: boolean
  readonly isTerminating: boolean
  /** New requests of some Service go to it. */
  readonly inTraffic: boolean
  readonly ageMs: number
  readonly requests: number
  readonly failures: number
}

export interface ReplicaSetRow {
  readonly uid: string
  readonly name: string
  readonly revision: string
  /** Of the first container. */
  readonly image: string
  readonly version: string
  /** Whether the Deployment's template is its own. */
  readonly isNew: boolean
  readonly desired: number
  readonly ready: number
  /** Oldest first. */
  readonly pods: readonly PodRow[]
  /** By all its pods, those that are gone included. */
  readonly requests: number
  readonly failures: number
}

/** What people are shown of a rollout. */
export interface Picture {
  readonly name: string
  readonly namespace: string
  readonly desired: number
  /** What the rollout is doing right now, in words. */
  readonly headline: string
  /** The same as `rollout status` says it (G-30..36). */
  readonly report: RolloutReport
  /** Lowest revision first. */
  readonly replicaSets: readonly ReplicaSetRow[]
  /** Whether any Service has endpoints among the pods. */
  readonly isServed: boolean
  readonly isCounted: boolean
}
