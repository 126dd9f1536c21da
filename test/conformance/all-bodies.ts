import { controllerRevisionBodies } from './bodies/controller-revision.ts'
import { daemonSetBodies } from './bodies/daemon-set.ts'
import { deploymentBodies } from './bodies/deployment.ts'
import { deploymentApiBodies } from './bodies/deployment-api.ts'
import { disruptionBodies } from './bodies/disruption.ts'
import { endpointSliceBodies } from './bodies/endpoint-slices.ts'
import { garbageCollectorBodies } from './bodies/garbage-collector.ts'
import { namespaceBodies } from './bodies/namespaces.ts'
import { replicaSetBodies } from './bodies/replica-set.ts'
import { statefulSetApiBodies } from './bodies/stateful-set-api.ts'
import { statefulSetRolloutBodies } from './bodies/stateful-set-rollout.ts'
import { statefulSetScalingBodies } from './bodies/stateful-set-scaling.ts'
import type { Body } from './body.ts'

/** All of them, in the order of semantics.md section I. */
export const bodies: readonly Body[] = [
  ...deploymentBodies,
  ...deploymentApiBodies,
  ...replicaSetBodies,
  ...statefulSetRolloutBodies,
  ...statefulSetScalingBodies,
  ...statefulSetApiBodies,
  ...daemonSetBodies,
  ...controllerRevisionBodies,
  ...garbageCollectorBodies,
  ...namespaceBodies,
  ...endpointSliceBodies,
  ...disruptionBodies,
].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
