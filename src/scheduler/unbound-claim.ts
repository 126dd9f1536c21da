import type { PersistentVolumeClaim, Pod } from '../api/generated/types.ts'
import type { Lister } from '../client/lister.ts'

/** Why a pod's claims keep it from running, in the scheduler's words; undefined: nothing does. */
export function unboundClaim(
  pod: Pod,
  claims: Pick<Lister<PersistentVolumeClaim>, 'get'>,
): string | undefined {
  const { namespace } = pod.metadata
  const names = (pod.spec?.volumes ?? []).flatMap(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
  )
  const found = names.map((name) => ({ name, claim: claims.get({ namespace, name }) }))
  const missing = found.find(({ claim }) => claim === undefined)
  if (missing) return `persistentvolumeclaim "${missing.name}" not found`
  const isUnbound = found.some(({ claim }) => claim?.status?.phase !== 'Bound')
  return isUnbound ? 'pod has unbound immediate PersistentVolumeClaims' : undefined
}
