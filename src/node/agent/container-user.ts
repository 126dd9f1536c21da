import type { Container, Pod } from '../../api/generated/types.ts'
import { type ContainerUser, StartFailed } from '../runtime.ts'

/**
 * Whom a container runs as, by its own securityContext and its pod's; undefined where neither says
 * so. `usual` is who it is then: a uid, or a name. Throws StartFailed when that is root, or may be,
 * and must not be.
 */
export function containerUser(
  pod: Pod,
  { name, securityContext }: Container,
  usual: number | string,
): ContainerUser | undefined {
  const ofPod = pod.spec?.securityContext
  const uid = securityContext?.runAsUser ?? ofPod?.runAsUser
  const isRootForbidden = securityContext?.runAsNonRoot ?? ofPod?.runAsNonRoot ?? false
  if (isRootForbidden) {
    if (Number(uid ?? usual) === 0) throw rootForbidden(pod, name, whyRoot(uid))
    if (uid === undefined && typeof usual === 'string') {
      const why = `container has runAsNonRoot and image has non-numeric user (${usual}), cannot verify user is non-root`
      throw rootForbidden(pod, name, why)
    }
  }
  if (uid === undefined) return undefined
  return {
    uid: Number(uid),
    gid: numberOr(securityContext?.runAsGroup ?? ofPod?.runAsGroup),
    supplementalGroups: podGroups(pod),
  }
}

/** The groups that every container of a pod is in, besides its own. */
export function podGroups({ spec }: Pod): readonly number[] {
  const { fsGroup, supplementalGroups = [] } = spec?.securityContext ?? {}
  return [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])].map(Number)
}

function numberOr(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}

function whyRoot(uid: number | undefined): string {
  return uid === undefined
    ? 'container has runAsNonRoot and image will run as root'
    : "container's runAsUser breaks non-root policy"
}

function rootForbidden({ metadata }: Pod, container: string, why: string): StartFailed {
  const where = `pod: "${metadata.name}_${metadata.namespace}(${metadata.uid})", container: ${container}`
  return new StartFailed('CreateContainerConfigError', `${why} (${where})`)
}
