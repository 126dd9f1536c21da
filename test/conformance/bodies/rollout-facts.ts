import type { Deployment, ReplicaSet } from '../../../src/api/generated/types.ts'
import { controllerRef } from '../../../src/api/object.ts'
import { deployments, replicaSets } from '../../../src/api/scheme.ts'
import { uidOf, type World } from '../world.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'

export function revisionOf({ metadata }: Deployment | ReplicaSet): string | undefined {
  return metadata.annotations?.[revisionAnnotation]
}

/** Whether its status says that all of it is at the newest template, and available. */
export function isComplete({ metadata, spec, status = {} }: Deployment): boolean {
  const wanted = spec?.replicas ?? 1
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  const hasSeen = (status.observedGeneration ?? 0) >= Number(metadata.generation)
  return hasSeen && [replicas, updatedReplicas, availableReplicas].every((n) => n === wanted)
}

export function complete(world: World, name: string): Promise<Deployment> {
  return world.until(`Deployment ${name} is complete`, async () => {
    const deployment = await world.get(deployments, name)
    return isComplete(deployment) && deployment
  })
}

/** Until the Deployment has this revision, by its own annotation. */
export function atRevision(world: World, name: string, revision: string): Promise<Deployment> {
  return world.until(`Deployment ${name} is at revision ${revision}`, async () => {
    const deployment = await world.get(deployments, name)
    return revisionOf(deployment) === revision && deployment
  })
}

export async function ownedReplicaSets(
  world: World,
  deployment: Deployment,
): Promise<readonly ReplicaSet[]> {
  const all = await world.list(replicaSets)
  return all.filter((one) => controllerRef(one)?.uid === uidOf(deployment))
}

/** The ReplicaSet whose template has this image, once it is there. */
export function replicaSetWith(world: World, image: string): Promise<ReplicaSet> {
  return world.until(`there is a ReplicaSet with ${image}`, async () =>
    (await world.list(replicaSets)).find(
      ({ spec }) => spec?.template?.spec?.containers[0]?.image === image,
    ),
  )
}
