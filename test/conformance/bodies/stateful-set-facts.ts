import { deepStrictEqual as equal } from 'node:assert/strict'
import type { Pod, StatefulSet } from '../../../src/api/generated/types.ts'
import { controllerRef } from '../../../src/api/object.ts'
import { pods, statefulSets } from '../../../src/api/scheme.ts'
import { imageOf, isReady } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'

/** Its pods that are not on their way out, by ordinal. */
export async function podsOf(world: World): Promise<readonly Pod[]> {
  const set = await world.get(statefulSets, 'ss')
  return (await world.list(pods)).filter((pod) => controllerRef(pod)?.uid === uidOf(set))
}

/** Until exactly so many pods are there, all of them running and ready. */
export function allReady(world: World, count: number): Promise<readonly Pod[]> {
  return world.until(`${count} pods of the StatefulSet are ready`, async () => {
    const found = await podsOf(world)
    return found.length === count && found.every(isReady) && found
  })
}

/** Until its controller has seen the last change of it. */
export function observed(world: World): Promise<StatefulSet> {
  return world.until('the StatefulSet is observed', async () => {
    const set = await world.get(statefulSets, 'ss')
    return (set.status?.observedGeneration ?? 0) >= Number(set.metadata.generation) && set
  })
}

export function statusHas(
  world: World,
  what: string,
  wanted: NonNullable<StatefulSet['status']> extends infer S ? Partial<S> : never,
): Promise<StatefulSet> {
  return world.until(`the status says: ${what}`, async () => {
    const set = await world.get(statefulSets, 'ss')
    const status = (set.status ?? {}) as Record<string, unknown>
    return Object.entries(wanted).every(([key, value]) => (status[key] ?? 0) === value) && set
  })
}

export function revisionLabel({ metadata }: Pod): string | undefined {
  return metadata.labels?.['controller-revision-hash']
}

/** What each pod runs, by ordinal, must be this. */
export async function equalImages(world: World, images: readonly string[]): Promise<void> {
  equal((await podsOf(world)).map(imageOf), images)
}

export function imagesAre(world: World, images: readonly string[]): Promise<unknown> {
  return world.until(`the pods are ready with ${images}`, async () => {
    const found = await podsOf(world)
    return String(found.map(imageOf)) === String(images) && found.every(isReady)
  })
}

/** Deletes pods by ordinal, and waits until others are there, or ready, in their place. */
export async function replacePods(world: World, ordinals: readonly number[]): Promise<void> {
  const before: string[] = []
  for (const ordinal of ordinals) {
    const name = `ss-${ordinal}`
    before.push(uidOf(await world.get(pods, name)))
    await world.delete(pods, name)
  }
  await world.until(`new pods ${ordinals} are ready`, async () => {
    const now = (await podsOf(world)).filter(isReady)
    return ordinals.every((ordinal) =>
      now.some((pod) => nameOf(pod) === `ss-${ordinal}` && !before.includes(uidOf(pod))),
    )
  })
}
