import { semanticEqual } from '../../api/equality.ts'
import type { Container, Pod, PodStatus } from '../../api/generated/types.ts'
import { pods } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

const computed = ['cpu', 'memory'] as const

/** The class by which a pod would be evicted: from the requests and limits of cpu and memory. */
function qosClassOf(pod: Pod): string {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  const asks = (container: Container) =>
    computed.some((n) => container.resources?.requests?.[n] ?? container.resources?.limits?.[n])
  const isGuaranteed = ({ resources }: Container) =>
    computed.every((name) => {
      const limit = resources?.limits?.[name]
      return limit !== undefined && (resources?.requests?.[name] ?? limit) === limit
    })
  if (!containers.some(asks)) return 'BestEffort'
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

/** F-02: a pod that must not be scheduled yet says why it waits. */
function gatedConditions({ spec }: Pod): Pick<PodStatus, 'conditions'> {
  if ((spec?.schedulingGates ?? []).length === 0) return {}
  const message = 'Scheduling is blocked due to non-empty scheduling gates'
  const reason = 'SchedulingGated'
  return { conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] }
}

/** E-09: what was asked, else the pod's own; none for a pod that never ran or has ended. */
function gracePeriodSeconds(pod: Pod, askedSeconds: number | undefined): number {
  const seconds = askedSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 0
  const phase = pod.status?.phase
  if (!pod.spec?.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0
  return seconds < 0 ? 1 : seconds
}

export const podStrategy = defineStrategy(pods, {
  subresources: ['status', 'binding', 'eviction', 'log', 'exec', 'attach', 'portforward'],
  resetFields: {
    main: { 'f:status': {} },
    status: { 'f:metadata': { 'f:ownerReferences': {} }, 'f:spec': {} },
  },
  prepareForCreate: (pod) => ({
    ...pod,
    status: { phase: 'Pending', qosClass: qosClassOf(pod), ...gatedConditions(pod) },
  }),
  prepareForUpdate: (pod, old) => withFieldOf(pod, old, 'status'),
  prepareForStatusUpdate(pod, old) {
    const metadata = withFieldOf(pod.metadata, old.metadata, 'ownerReferences')
    const status = { qosClass: old.status?.qosClass, ...pod.status }
    return { ...withFieldOf(pod, old, 'spec'), metadata, status }
  },
  raisesGeneration: (pod, old) => !semanticEqual('PodSpec', pod.spec ?? {}, old.spec ?? {}),
  gracePeriodSeconds,
})
