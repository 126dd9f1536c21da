import type { Container, Pod, PodSpec, Toleration } from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'
import { defaultPodSpec } from './pod-template.ts'

/** A request that is not given is the limit, resource by resource. */
function requestLimits(container: Container): Container {
  return change(container, 'resources', (resources) => {
    const { limits } = resources
    if (limits === undefined) return resources
    return change(fill(resources, { requests: Object.freeze({}) }), 'requests', (requests) =>
      fill(requests, limits),
    )
  })
}

function exposeOnHost(container: Container): Container {
  return change(container, 'ports', (ports) =>
    changeEach(ports, (port) => fill(port, { hostPort: port.containerPort || undefined })),
  )
}

function changeContainers(spec: PodSpec, next: (container: Container) => Container): PodSpec {
  const withRegular = change(spec, 'containers', (list) => changeEach(list, next))
  return change(withRegular, 'initContainers', (list) => changeEach(list, next))
}

/** A-08..A-11 without what admission adds (see `admitPod`). */
export function defaultPod(pod: Pod): Pod {
  return change(pod, 'spec', (spec) => {
    const filled = fill(defaultPodSpec(spec), { enableServiceLinks: true })
    const requesting = changeContainers(filled, requestLimits)
    return spec.hostNetwork ? changeContainers(requesting, exposeOnHost) : requesting
  })
}

const notReadyTolerations: readonly Toleration[] = ['not-ready', 'unreachable'].map((condition) =>
  Object.freeze({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }),
)

function tolerates(existing: Toleration, { key, effect }: Toleration): boolean {
  const isKey = existing.key === key || existing.key === undefined
  return isKey && (existing.effect === effect || existing.effect === undefined)
}

/**
 * What admission adds to a pod that is being created: the service account, the priority, and
 * five minutes on a node that is in trouble. Not part of defaulting: an update must not bring it
 * back.
 */
export function admitPod(pod: Pod): Pod {
  return change(pod, 'spec', (spec) => {
    const account = spec.serviceAccountName ?? 'default'
    const existing = spec.tolerations ?? []
    const missing = notReadyTolerations.filter(
      (toleration) => !existing.some((one) => tolerates(one, toleration)),
    )
    const filled = fill(spec, {
      serviceAccountName: account,
      serviceAccount: account,
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    })
    if (missing.length === 0) return filled
    return Object.freeze({ ...filled, tolerations: Object.freeze([...existing, ...missing]) })
  })
}
