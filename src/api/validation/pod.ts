import { forbiddenValue, invalidValue } from '../field-errors.ts'
import type { Container, Pod, PodSpec, PodStatus } from '../generated/types.ts'
import { dns1123SubdomainErrors, ipErrors, qualifiedNameErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateNoEphemeralContainers, validatePodSpec } from './pod-spec.ts'
import { validateDeletionCost } from './pod-template.ts'
import { validatePodSpecUpdate } from './pod-update.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { type Errors, each, formatted, nonNegative, unchanged } from './rules.ts'
import { hostNameWarnings } from './workload.ts'

/** */
export const podRules: KindRules<Pod> = {
  create: (pod) => {
    const { schedulingGates = [], nodeName } = specOf(pod)
    const errors = [
      ...validatePod(pod),
      ...validateNoEphemeralContainers(specOf(pod), 'spec', 'cannot be set on create'),
    ]
    if (nodeName && schedulingGates.length > 0) {
      const detail = 'cannot be set until all schedulingGates have been cleared'
      errors.push(forbiddenValue('spec.nodeName', detail))
    }
    return errors
  },
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validatePod(next),
    ...validatePodSpecUpdate(specOf(next), specOf(previous)),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateConditions(next.status),
    ...(next.spec?.nodeName === previous.spec?.nodeName
      ? []
      : [forbiddenValue('status.nodeName', 'may not be changed directly')]),
    ...nonNegative('status.observedGeneration', next.status?.observedGeneration),
    ...unchanged('status.qosClass', next.status?.qosClass, previous.status?.qosClass),
    ...validateTransitions(next, previous),
    ...validateAddresses(next.status),
  ],
  warnings: (pod) => [
    ...hostNameWarnings(pod.metadata, "the Pod's hostname"),
    ...podSpecWarnings(pod),
  ],
}

function specOf(pod: Pod): PodSpec {
  return pod.spec ?? { containers: [] }
}

function validatePod(pod: Pod): Errors {
  const spec = specOf(pod)
  return [
    ...validateObjectMeta(pod.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateDeletionCost(pod.metadata.annotations, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { isPod: true }),
    ...each('spec.containers', spec.containers, validateImageText),
    ...each('spec.initContainers', spec.initContainers, validateImageText),
  ]
}

function validateImageText({ image = '' }: Container, path: string): Errors {
  if (image.trim() === image) return []
  return [invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace')]
}

function validateConditions(status: PodStatus | undefined): Errors {
  const own = ['PodScheduled', 'Ready', 'Initialized']
  return each('status.conditions', status?.conditions, ({ type }, at) =>
    own.includes(type) ? [] : formatted(`${at}.Type`, type ?? '', qualifiedNameErrors),
  )
}

/** A container that has ended for good does not come back. */
function validateTransitions(next: Pod, previous: Pod): Errors {
  const policy = previous.spec?.restartPolicy
  if (policy === 'Always') return []
  const statuses = next.status?.containerStatuses ?? []
  return each('status.containerStatuses', previous.status?.containerStatuses, (before, at) => {
    const ended = before.state?.terminated
    const container = previous.spec?.containers.find(({ name }) => name === before.name)
    const ownPolicy = container?.restartPolicy ?? policy
    const mayRestart =
      ownPolicy === 'Always' || (ownPolicy === 'OnFailure' && ended?.exitCode !== 0)
    const after = statuses.find((status) => status.name === before.name)
    if (!ended || mayRestart || !after || after.state?.terminated) return []
    return [forbiddenValue(`${at}.state`, 'may not be transitioned to non-terminated state')]
  })
}

function validateAddresses(status: PodStatus | undefined): Errors {
  const hostIps = status?.hostIPs ?? []
  const errors = [
    ...each('status.podIPs', status?.podIPs, ({ ip }, at) => formatted(at, ip ?? '', ipErrors)),
    ...each('status.hostIPs', hostIps, ({ ip }, at) => formatted(at, ip ?? '', ipErrors)),
  ]
  const [first] = hostIps
  if (first && first.ip !== status?.hostIP) {
    errors.unshift(invalidValue('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`'))
  }
  return errors
}
