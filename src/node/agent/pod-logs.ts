import type { Pod } from '../../api/generated/types.ts'
import type { LogOptions, PodConnector } from '../../api/seams.ts'
import { badRequest } from '../../api/status-error.ts'
import type { Runtime } from '../runtime.ts'
import type { Agent } from './agent.ts'

export interface LocalNode {
  readonly agent: Agent
  readonly runtime: Runtime
}

/**
 * Answers the API server's questions about pods; `nodeOf` finds the node that a pod is bound to.
 */
export function podConnector(nodeOf: (name: string) => LocalNode | undefined): PodConnector {
  return {
    log(pod: Pod, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
      const node = nodeOf(pod.spec?.nodeName ?? '')
      const record = node?.agent.attempt(pod, options.container, options.previous === true)
      if (node && record) return node.runtime.readLog(record, options, signal)
      const where = `container "${options.container}" in pod "${pod.metadata.name}"`
      if (options.previous) {
        throw badRequest(`previous terminated ${where} not found`)
      }
      const reason = waitingReason(pod, options.container)
      throw badRequest(`${where} is waiting to start: ${reason}`)
    },
  }
}

function waitingReason(pod: Pod, container: string): string {
  const statuses = pod.status?.containerStatuses ?? []
  const status = statuses.find(({ name }) => name === container)
  return status?.state?.waiting?.reason ?? 'ContainerCreating'
}
