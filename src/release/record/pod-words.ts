import type { ContainerStatus, Pod } from '../../api/generated/types.ts'

/** A container that waits for one of these will not start by waiting longer. */
const stuck: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

function statusesOf({ status = {} }: Pod): readonly ContainerStatus[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
}

function wordsOf({ name, state, lastState }: ContainerStatus): readonly string[] {
  const { reason, message } = state?.waiting ?? {}
  if (reason === undefined || !stuck.has(reason)) return []
  const ended = lastState?.terminated
  const end = ended && `${ended.reason ?? 'ended'}, exit code ${ended.exitCode}`
  const said = [end, ended?.message?.trim(), message].filter((part) => part)
  return [`${name}: ${[reason, ...said].join(': ')}`.replace(/\s+/g, ' ').slice(0, 500)]
}

/** Why these pods do not run, in their own words; undefined when none says so. */
export function podWords(pods: readonly Pod[]): string | undefined {
  return pods.flatMap((pod) => statusesOf(pod).flatMap(wordsOf))[0]
}
