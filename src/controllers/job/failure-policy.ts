import type {
  ContainerStatus,
  Pod,
  PodFailurePolicy,
  PodFailurePolicyRule,
} from '../../api/generated/types.ts'

export interface PolicyMatch {
  /** `FailJob`, `FailIndex`, `Ignore` or `Count`. */
  readonly action: string
  /** What a Job says of itself that fails for this. */
  readonly message: string
}

/** The first rule that a failed pod matches. */
export function matchFailurePolicy(
  policy: PodFailurePolicy | undefined,
  pod: Pod,
): PolicyMatch | undefined {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const what = whatMatches(rule, pod)
    if (what === undefined) continue
    const { action } = rule
    return { action, message: `${what} matching ${action} rule at index ${index}` }
  }
  return undefined
}

function whatMatches(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  const container = containerMatching(rule, pod)
  if (container) {
    const { exitCode } = container.state?.terminated ?? {}
    return `Container ${container.name} for pod ${name} failed with exit code ${exitCode}`
  }
  const pattern = (rule.onPodConditions ?? []).find(({ type, status }) =>
    (pod.status?.conditions ?? []).some((one) => one.type === type && one.status === status),
  )
  return pattern && `Pod ${name} has condition ${pattern.type}`
}

function containerMatching(
  { onExitCodes }: PodFailurePolicyRule,
  { status }: Pod,
): ContainerStatus | undefined {
  if (!onExitCodes) return undefined
  const { containerName, operator, values } = onExitCodes
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return all.find(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode ?? 0
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false
    return values.includes(exitCode) === (operator === 'In')
  })
}
