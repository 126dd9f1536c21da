import { VirtualCluster } from '../../src/cluster/virtual/virtual-cluster.ts'
import { runBody } from './body.ts'
import { publicImages } from './images.ts'
import type { Place } from './place.ts'

/** Our engine in one thread, on a clock that moves as soon as there is nothing left to do. */
export async function openVirtualPlace(): Promise<Place> {
  const cluster = await VirtualCluster.start({
    nodes: 3,
    surroundings: () => ({
      behaviours: (image) => ({ isUnavailable: image === publicImages.missing }),
    }),
  })
  const { transport, clock, context } = cluster
  const underTest = { transport, clock, ids: context.ids, images: publicImages }
  return {
    reasonAgainst: ({ needsPrograms }) => (needsPrograms ? 'nothing really runs here' : undefined),
    run: (body) => cluster.until(runBody(body, underTest)),
    close: () => cluster.stop(),
  }
}
