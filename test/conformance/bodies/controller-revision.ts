import { deepStrictEqual as equal, ok } from 'node:assert/strict'
import type { ControllerRevision } from '../../../src/api/generated/types.ts'
import { controllerRevisions, daemonSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { nameOf, uidOf, type World } from '../world.ts'
import { givenDaemonSet } from './daemon-set.ts'

const all = 'app=ds'

function count(world: World, wanted: number): Promise<readonly ControllerRevision[]> {
  return world.until(`there are ${wanted} ControllerRevisions`, async () => {
    const found = await world.list(controllerRevisions, all)
    return found.length === wanted && found
  })
}

/** One more than the controller made, of the same data: it takes that one for its own. */
async function addOne(world: World, initial: ControllerRevision): Promise<void> {
  const { labels, ownerReferences } = initial.metadata
  const metadata = {
    name: 'ds-12345',
    labels: { ...labels, 'controller-revision-hash': '12345' },
    ...(ownerReferences && { ownerReferences }),
  }
  const revision = Number(initial.revision) + 1
  const { apiVersion, kind, data } = initial
  await world.create<ControllerRevision>({
    apiVersion,
    kind,
    metadata,
    revision,
    ...(data !== undefined && { data }),
  })
}

async function lifecycle(world: World): Promise<void> {
  await givenDaemonSet(world)
  const set = await world.get(daemonSets, 'ds')
  const [initial] = await count(world, 1)
  ok(initial)
  const [owner] = initial.metadata.ownerReferences ?? []
  equal([owner?.kind, owner?.uid], ['DaemonSet', uidOf(set)])
  const listed = await world.api.list(controllerRevisions, {}, { labelSelector: all })
  ok(listed.items.some((one) => uidOf(one) === uidOf(initial)))

  const body = { metadata: { labels: { [nameOf(initial)]: 'patched' } } }
  const patched = await world.patch(controllerRevisions, nameOf(initial), body)
  equal(patched.metadata.labels?.[nameOf(initial)], 'patched')

  await addOne(world, patched)
  await count(world, 2)
  await world.delete(controllerRevisions, nameOf(initial))
  const [left] = await count(world, 1)
  const name = nameOf(left ?? initial)
  const updated = await world.replace(controllerRevisions, name, (found) => ({
    ...found,
    metadata: { ...found.metadata, labels: { ...found.metadata.labels, [name]: 'updated' } },
  }))
  equal(updated.metadata.labels?.[name], 'updated')

  const spec = { template: { spec: { terminationGracePeriodSeconds: 2 } } }
  await world.patch(daemonSets, 'ds', { spec })
  await count(world, 2)
  await world.api.deleteCollection(
    controllerRevisions,
    { namespace: world.namespace },
    { labelSelector: `${name}=updated` },
  )
  const [last] = await count(world, 1)
  equal(Number(last?.revision), 3)
}

export const controllerRevisionBodies = suite('ControllerRevision', {
  'I-28 should manage the lifecycle of a ControllerRevision': lifecycle,
})
