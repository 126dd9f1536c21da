import { userInfo } from 'node:os'
import type { Container, Pod } from '../../api/generated/types.ts'
import { type ContainerUser, StartFailed } from '../runtime.ts'

/**
 * Whom a container runs as, by its own securityContext and its pod's; undefined where neither says
 * so. Throws StartFailed when that is root and must not be.
 */
export function containerUser(
  pod: Pod,
  { name, securityContext }: Container,
): ContainerUser | undefined {
  const ofPod = pod.spec?.securityContext
  const uid = securityContext?.runAsUser ?? ofPod?.runAsUser
  const isRootForbidden = securityContext?.runAsNonRoot ?? ofPod?.runAsNonRoot ?? false
  if (isRootForbidden && (uid ?? userInfo().uid) === 0) throw rootForbidden(pod, name, uid)
  if (uid === undefined) return undefined
  const { fsGroup, supplementalGroups = [] } = ofPod ?? {}
  return {
    uid: Number(uid),
    gid: numberOr(securityContext?.runAsGroup ?? ofPod?.runAsGroup),
    supplementalGroups: [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])].map(
      Number,
    ),
  }
}

function numberOr(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}

function rootForbidden({ metadata }: Pod, container: string, uid: number | undefined): StartFailed {
  const why =
    uid === undefined
      ? 'container has runAsNonRoot and image will run as root'
      : "container's runAsUser breaks non-root policy"
  const where = `pod: "${metadata.name}_${metadata.namespace}(${metadata.uid})", container: ${container}`
  return new StartFailed('CreateContainerConfigError', `${why} (${where})`)
}
