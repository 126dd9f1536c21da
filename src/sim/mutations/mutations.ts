/** One mistake that somebody could make in the functions that decide. */
export interface Mutation {
  /** What is wrong with it. */
  readonly name: string
  /** Below `src/`. */
  readonly file: string
  /** Occurs once. */
  readonly find: string
  readonly replacement: string
}

/** Every one of these has to be caught by the simulation: else an invariant is too weak. */
export const mutations: readonly Mutation[] = [
  {
    name: 'one pod more than maxSurge',
    file: 'rollout/rollout-limits.ts',
    find: 'const maxTotal = replicas + maxSurge',
    replacement: 'const maxTotal = replicas + maxSurge + 1',
  },
  {
    name: 'maxUnavailable rounds up',
    file: 'rollout/rollout-limits.ts',
    find: "rollingUpdate?.maxUnavailable ?? 0, replicas, 'down'",
    replacement: "rollingUpdate?.maxUnavailable ?? 0, replicas, 'up'",
  },
  {
    name: 'one available pod too few is kept',
    file: 'rollout/rolling.ts',
    find: 'const surplus = sum(replicaSets, availableReplicas) - minAvailable',
    replacement: 'const surplus = sum(replicaSets, availableReplicas) - minAvailable + 1',
  },
  {
    name: 'the revision of what is taken up again is not raised',
    file: 'rollout/revisions.ts',
    find: 'if (stored === undefined || stored >= wanted) return annotations',
    replacement: 'if (stored === undefined || stored > 0n) return annotations',
  },
  {
    name: 'a new revision is as high as the last',
    file: 'rollout/revisions.ts',
    find: 'return maxRevision(oldReplicaSets) + 1n',
    replacement: 'return maxRevision(oldReplicaSets)',
  },
  {
    name: 'the hash is compared instead of the template',
    file: 'rollout/new-replica-set.ts',
    find: 'return own !== undefined && templatesEqual(specOf(deployment).template, own)',
    replacement:
      'return own !== undefined && templateHash(specOf(deployment).template) === own.metadata?.labels?.[podTemplateHashLabel]',
  },
  {
    name: 'expectations of a ReplicaSet are ignored',
    file: 'rollout/plan-replica-set.ts',
    find: 'if (!canManage || isTerminating(replicaSet) || surplus === 0)',
    replacement: 'if (isTerminating(replicaSet) || surplus === 0)',
  },
  {
    name: 'expectations of a DaemonSet are ignored',
    file: 'rollout/plan-daemon-set.ts',
    find: 'if (!canManage || isTerminating(daemonSet)) return nothing',
    replacement: 'if (isTerminating(daemonSet)) return nothing',
  },
  {
    name: 'what a Deployment wrote itself is not waited for',
    file: 'controllers/deployment/own-writes.ts',
    find: 'if (writes.size === 0) {',
    replacement: 'if (writes.size >= 0) {',
  },
  {
    name: 'the healthiest pods of a ReplicaSet go first',
    file: 'rollout/plan-replica-set.ts',
    find: 'ranked.slice(0, count)',
    replacement: 'ranked.slice(-count)',
  },
  {
    name: 'a deadline that was exceeded is never taken back',
    file: 'rollout/progress.ts',
    find: 'if (isComplete(deployment, next)) {',
    replacement:
      "if (current?.reason === 'ProgressDeadlineExceeded') return conditions\n  if (isComplete(deployment, next)) {",
  },
  {
    name: 'a deadline lasts ten times as long',
    file: 'rollout/progress.ts',
    find: '? undefined : seconds * 1000',
    replacement: '? undefined : seconds * 10_000',
  },
  {
    name: 'lastTransitionTime moves without a transition',
    file: 'rollout/conditions.ts',
    find: 'return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime }]',
    replacement:
      'return lastTransitionTime ? [...withoutCondition(conditions, condition.type), condition] : conditions',
  },
  {
    name: 'minimum availability is never reached exactly',
    file: 'rollout/status.ts',
    find: 'availability(available >= minAvailable, nowMs)',
    replacement: 'availability(available > minAvailable, nowMs)',
  },
  {
    name: 'a paused Deployment rolls',
    file: 'rollout/plan-deployment.ts',
    find: 'if (specOf(deployment).paused) return planPaused(observed, nowMs)',
    replacement: '',
  },
  {
    name: 'a Recreate does not wait for the old pods',
    file: 'rollout/plan-deployment.ts',
    find: 'if (draining.length > 0 || oldPodsRun(observed)) {',
    replacement: 'if (draining.length > 0) {',
  },
  {
    name: 'observedGeneration runs ahead',
    file: 'rollout/status.ts',
    find: 'observedGeneration: deployment.metadata.generation ?? 0',
    replacement: 'observedGeneration: (deployment.metadata.generation ?? 0) + 1',
  },
  {
    name: 'one too many goes from the history',
    file: 'rollout/history-cleanup.ts',
    find: 'Math.max(candidates.length - limit, 0)',
    replacement: 'Math.max(candidates.length - limit + 1, 0)',
  },
  {
    name: 'the history is never cut',
    file: 'rollout/history-cleanup.ts',
    find: 'if (limit === undefined) return []',
    replacement: 'if (limit !== undefined) return []',
  },
  {
    name: 'proportional scaling goes past the limit',
    file: 'rollout/proportional.ts',
    find: 'const allowed = replicas > 0 ? maxTotal : 0',
    replacement: 'const allowed = replicas > 0 ? maxTotal + 1 : 0',
  },
  {
    name: 'an undo takes a later revision than it is asked for',
    file: 'rollout/undo.ts',
    find: 'byRevisionDown.find(({ revision }) => revision === toRevision)',
    replacement: 'byRevisionDown.find(({ revision }) => revision >= toRevision)',
  },
  {
    name: 'an ordered StatefulSet does not wait for the pod before',
    file: 'rollout/plan-stateful-set.ts',
    find: 'if (step.isBlocked && !isParallel) return',
    replacement: 'if (step.isBlocked && isParallel) return',
  },
  {
    name: 'the partition is no border for an update',
    file: 'rollout/plan-stateful-set.ts',
    find: '.slice(updateStrategy.rollingUpdate?.partition ?? 0)',
    replacement: '.slice(0)',
  },
  {
    name: 'a pod below the partition comes back updated',
    file: 'rollout/plan-stateful-set.ts',
    find: '< kept ? currentRevision : updateRevision',
    replacement: '< kept ? updateRevision : updateRevision',
  },
  {
    name: 'an update begins with the lowest ordinal',
    file: 'rollout/plan-stateful-set.ts',
    find: '.reverse()',
    replacement: '',
  },
  {
    name: 'a revision of a StatefulSet that is taken up again keeps its number',
    file: 'rollout/stateful-set-revisions.ts',
    find: 'return equal === history.at(-1)',
    replacement: 'return equal !== undefined',
  },
  {
    name: 'a DaemonSet takes one pod more than maxUnavailable',
    file: 'rollout/daemon-set-update.ts',
    find: 'Math.max(maxUnavailable - unavailable, 0)',
    replacement: 'Math.max(maxUnavailable - unavailable + 1, 0)',
  },
  {
    name: 'a surging DaemonSet does not wait for the new pod',
    file: 'rollout/daemon-set-update.ts',
    find: 'else if (isUp(newPod)) deletePods.push(oldPod)',
    replacement: 'else if (newPod) deletePods.push(oldPod)',
  },
  {
    name: 'a DaemonSet counts templates where it could compare hashes',
    file: 'rollout/observed-daemon-set.ts',
    find: 'if (own !== undefined) return own === hash',
    replacement: 'if (own === hash) return true',
  },
]
