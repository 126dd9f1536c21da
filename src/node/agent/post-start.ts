import type { Pod } from '../../api/generated/types.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { endContainer, graceMsOf } from './end-container.ts'
import { runHook } from './lifecycle-hook.ts'
import { containerFieldPath, type PodContainer } from './pod-containers.ts'

/** Upstream gives a postStart hook no bound; this is the longest a timer can wait. */
const hookMsMax = 2 ** 31 - 1

/**
 * Runs the postStart hook of a container that has just started. When it fails the container is
 * ended, as its restart policy sees fit to go on. Resolves with whether it succeeded.
 */
export async function runPostStart(
  services: AgentServices,
  {
    pod,
    container,
    record,
    sandbox,
  }: {
    readonly pod: Pod
    readonly container: PodContainer
    readonly record: ContainerRecord
    readonly sandbox: Sandbox
  },
): Promise<boolean> {
  const { spec } = container
  const hook = spec.lifecycle?.postStart
  if (!hook) return true
  const failed = await runHook(services, hook, { pod, ref: record, sandbox, timeoutMs: hookMsMax })
  if (failed === undefined) return true
  const fieldPath = containerFieldPath(container)
  const text = `PostStartHook failed: ${failed}`
  services.recorder.event(pod, 'Warning', 'FailedPostStartHook', text, fieldPath)
  await endContainer(services, { pod, container: spec, record, sandbox, graceMs: graceMsOf(pod) })
  return false
}
