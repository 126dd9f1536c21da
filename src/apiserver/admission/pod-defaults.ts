import type { Pod, PodSpec, Toleration } from '../../api/generated/types.ts'
import { pods } from '../../api/scheme.ts'
import { forbidden } from '../../api/status-error.ts'

const evictedBy = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const tolerationSeconds = 300

/** The priority classes that every cluster has. */
const priorities: Readonly<Record<string, number>> = {
  '': 0,
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

function tolerates({ key, effect, operator = 'Equal', value = '' }: Toleration, taint: string) {
  if (effect && effect !== 'NoExecute') return false
  if (!key) return operator === 'Exists'
  return key === taint && (operator === 'Exists' || value === '')
}

/** Every pod stays for five minutes on a node that has gone silent, unless it says otherwise. */
function withEvictionTolerations(tolerations: readonly Toleration[] = []): readonly Toleration[] {
  const missing = evictedBy.filter((taint) => !tolerations.some((own) => tolerates(own, taint)))
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  }))
  return [...tolerations, ...added]
}

function priorityOf(pod: Pod): number {
  const className = pod.spec?.priorityClassName ?? ''
  const priority = Object.hasOwn(priorities, className) ? priorities[className] : undefined
  if (priority !== undefined) return priority
  const why = `no PriorityClass with name ${className} was found`
  throw forbidden(pods, pod.metadata.name ?? '', { why })
}

/**
 * What admission adds to a pod, never to a template. Throws 403 for an unknown priority
 * class.
 */
export function admitPod(pod: Pod): Pod {
  if (!pod.spec) return pod
  const serviceAccountName = pod.spec.serviceAccountName || 'default'
  const spec: PodSpec = {
    ...pod.spec,
    serviceAccountName,
    serviceAccount: serviceAccountName,
    priority: priorityOf(pod),
    preemptionPolicy: pod.spec.preemptionPolicy ?? 'PreemptLowerPriority',
    tolerations: withEvictionTolerations(pod.spec.tolerations),
  }
  return { ...pod, spec }
}
