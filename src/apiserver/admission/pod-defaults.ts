import type { Pod, PodSpec, Toleration } from '../../api/generated/types.ts'

const evictedBy = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const tolerationSeconds = 300

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

/** What admission adds to a pod besides its priority, never to a template. */
export function admitPod(pod: Pod): Pod {
  if (!pod.spec) return pod
  const serviceAccountName = pod.spec.serviceAccountName || 'default'
  const spec: PodSpec = {
    ...pod.spec,
    serviceAccountName,
    serviceAccount: serviceAccountName,
    tolerations: withEvictionTolerations(pod.spec.tolerations),
  }
  return { ...pod, spec }
}
