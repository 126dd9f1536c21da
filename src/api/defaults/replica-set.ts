import type { ReplicaSet } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'
import { defaultPodTemplate } from './pod-template.ts'

/** A-01, and the template's. */
export function defaultReplicaSet(replicaSet: ReplicaSet): ReplicaSet {
  return change(replicaSet, 'spec', (spec) =>
    change(fill(spec, { replicas: 1 }), 'template', defaultPodTemplate),
  )
}
