import type {
  PersistentVolumeClaim,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'
import { defaultPersistentVolumeClaim } from './persistent-volume-claim.ts'
import { defaultPodTemplate } from './pod-template.ts'

/** `rollingUpdate` is made only where the type was left out too. */
function defaultStrategy(strategy: StatefulSetUpdateStrategy): StatefulSetUpdateStrategy {
  const typed = strategy.type
    ? strategy
    : fill(strategy, { type: 'RollingUpdate', rollingUpdate: Object.freeze({}) })
  if (typed.type !== 'RollingUpdate') return typed
  return change(typed, 'rollingUpdate', (rolling) =>
    fill(rolling, { partition: 0, maxUnavailable: 1 }),
  )
}

function defaultClaimTemplate(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  return defaultPersistentVolumeClaim(
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
  )
}

function defaultStatefulSetSpec(spec: StatefulSetSpec): StatefulSetSpec {
  let result = fill(spec, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: Object.freeze({}),
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: Object.freeze({}),
  })
  result = change(result, 'updateStrategy', defaultStrategy)
  result = change(result, 'persistentVolumeClaimRetentionPolicy', (policy) =>
    fill(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
  )
  result = change(result, 'volumeClaimTemplates', (claims) =>
    changeEach(claims, defaultClaimTemplate),
  )
  return change(result, 'template', defaultPodTemplate)
}

/** and the template's. */
export function defaultStatefulSet(statefulSet: StatefulSet): StatefulSet {
  return change(statefulSet, 'spec', defaultStatefulSetSpec)
}
