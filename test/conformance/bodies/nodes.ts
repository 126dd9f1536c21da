import type { Node } from '../../../src/api/generated/types.ts'
import { nodes } from '../../../src/api/scheme.ts'
import type { World } from '../world.ts'

/** Those that an ordinary pod can run on. */
export async function readyNodes(world: World): Promise<readonly Node[]> {
  const { items } = await world.api.list(nodes, {})
  return items.filter(({ spec, status }) => {
    const isReady = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')
    const isTainted = spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule')
    return isReady && !isTainted && !spec?.unschedulable
  })
}

export async function aReadyNode(world: World): Promise<Node> {
  const [node] = await readyNodes(world)
  if (!node) throw new Error('no node is ready and free of taints')
  return node
}
