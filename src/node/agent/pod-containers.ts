import type { Container, Pod } from '../../api/generated/types.ts'

/**
 * What a container is to its pod: `init` ends before the next begins, a `sidecar` (an init
 * container with restartPolicy Always) starts in that order and stays, a `main` one is the pod's
 * purpose.
 */
export type ContainerRole = 'init' | 'sidecar' | 'main'

export interface PodContainer {
  readonly spec: Container
  readonly role: ContainerRole
}

function initRole(container: Container): ContainerRole {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init'
}

/** All containers of a pod in the order in which they start. */
export function podContainers(pod: Pod): readonly PodContainer[] {
  const init = pod.spec?.initContainers ?? []
  const main = pod.spec?.containers ?? []
  return [
    ...init.map((spec) => ({ spec, role: initRole(spec) })),
    ...main.map((spec) => ({ spec, role: 'main' as const })),
  ]
}

/** Where an Event about one container points. */
export function containerFieldPath({ spec, role }: PodContainer): string {
  return `spec.${role === 'main' ? 'containers' : 'initContainers'}{${spec.name}}`
}
