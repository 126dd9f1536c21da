import type { PodTemplateSpec } from '../../api/generated/types.ts'
import type { WorkloadKind } from '../../rollout/workload.ts'
import type { Provenance } from '../provenance.ts'

export type Health = 'healthy' | 'failed' | 'unknown'

/** By what a state came about: `undo` is a raw `kubectl rollout undo`, `edit` a change by hand. */
export type ReleaseSource = 'apply' | 'rollback' | 'redo' | 'undo' | 'edit'

/** A workload that has releases. */
export interface WorkloadKey {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
}

/** A ConfigMap as it was; `digest` is absent when there was none of that name. */
export interface RecordedConfiguration {
  readonly name: string
  readonly digest?: string
}

export interface RecordedSecret {
  readonly name: string
  readonly state: 'hashed' | 'missing' | 'unreadable'
  /** Says whether it has changed; see `secretHash`. */
  readonly hash?: string
  /** Digest of the kept content, for a Secret that asks for it. */
  readonly kept?: string
}

/** What is written once and never changes. */
export interface ReleaseData {
  /** Append-only per workload, from 1; printed as `r7`. */
  readonly number: number
  /** When it was first seen, RFC 3339. */
  readonly at: string
  readonly template: PodTemplateSpec
  readonly configMaps: readonly RecordedConfiguration[]
  readonly secrets: readonly RecordedSecret[]
  readonly provenance: Provenance | undefined
  readonly source: ReleaseSource
  readonly operation: string | undefined
  /**
   * The number of the release whose state this one brought back (never one that brought back
   * itself).
   */
  readonly restores: number | undefined
  /** Of the text in last-applied-configuration then: a later apply shows by another one. */
  readonly lastApplied: string | undefined
  /** Only the configuration differs from the release before: no pod was started for it. */
  readonly isConfigurationOnly: boolean
}

/** What is learned later. */
export interface ReleaseFacts {
  readonly health: Health
  /** Since when it is healthy, or when it failed. */
  readonly healthAt: string | undefined
  /** Why it failed, in the pod's own words. */
  readonly why: string | undefined
  /** Container name -> image id as run. */
  readonly imageIds: { readonly [container: string]: string }
  /** Kubernetes' revision number when it ran last. */
  readonly revision: string | undefined
  /** Commands that wrote the same template again: their signatures may come back, too. */
  readonly operations: readonly string[]
  readonly isPinned: boolean
  readonly gitOwed: GitDebt | undefined
}

/** The cluster has this, Git does not. */
export interface GitDebt {
  readonly since: string
  /** The commit whose content the paths should have; absent: the template of the release itself. */
  readonly commit?: string
  readonly paths: readonly string[]
  readonly reason?: string
  /** Where the commit that pays it lies, when it is made and waits: a branch or a patch file. */
  readonly waitsIn?: string
}

/** What ran: one record. */
export interface Release extends ReleaseData, ReleaseFacts {
  /** The name of its object. */
  readonly name: string
}

/**
 * Where in the line of states a release stands: its own number, or the one whose state it brought
 * back.
 */
export function positionOf(release: Pick<ReleaseData, 'number' | 'restores'>): number {
  return release.restores ?? release.number
}

export function imagesOf(template: PodTemplateSpec): readonly string[] {
  return (template.spec?.containers ?? []).map(({ image = '' }) => image)
}
