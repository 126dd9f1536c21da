import type { KubeObject } from '../../api/object.ts'
import type { Workload, WorkloadKind } from '../../rollout/workload.ts'
import { daemonSetRules } from './daemon-set-rules.ts'
import { deploymentRules } from './deployment-rules.ts'
import { statefulSetRules } from './stateful-set-rules.ts'
import type { WorkloadRules } from './workload-rules.ts'

const rules: Readonly<Record<WorkloadKind, unknown>> = {
  Deployment: deploymentRules,
  StatefulSet: statefulSetRules,
  DaemonSet: daemonSetRules,
}

/** The rules of a workload's kind. */
export function rulesOf({ kind }: Pick<KubeObject, 'kind'>): WorkloadRules<Workload> {
  return rules[kind as WorkloadKind] as WorkloadRules<Workload>
}
