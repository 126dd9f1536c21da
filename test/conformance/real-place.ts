import { nodes } from '../../src/api/scheme.ts'
import type { Transport } from '../../src/api/transport.ts'
import { systemContext } from '../../src/base/context.ts'
import { HttpTransport } from '../../src/client/http-transport.ts'
import { kubeconfigFiles, loadKubeconfig } from '../../src/client/kubeconfig.ts'
import { givenEngine } from '../engine.fixture.ts'
import { type Body, runBody } from './body.ts'
import { type Images, type Programs, publicImages, publicPrograms } from './images.ts'
import type { Place } from './place.ts'
import { addPrograms, processPrograms } from './process-programs.ts'

export interface GivenCluster {
  readonly kubeconfig?: string
  readonly context?: string
  readonly images?: Partial<Images>
}

interface Connected extends Place {
  readonly transport: Transport
}

interface Parts {
  readonly images: Images
  readonly programs?: Programs
  close?(): Promise<void>
}

/** A cluster over HTTP, by a kubeconfig. */
async function connect({ kubeconfig, context }: GivenCluster, parts: Parts): Promise<Connected> {
  const { clock, ids } = systemContext()
  const files = kubeconfig === undefined ? kubeconfigFiles(process.env.KUBECONFIG) : [kubeconfig]
  const access = loadKubeconfig({ files, ...(context !== undefined && { context }) })
  const transport = new HttpTransport({ clock }, { access, userAgent: 'astern-conformance' })
  const { images, programs } = parts
  const underTest = { transport, clock, ids, images, ...(programs && { programs }) }
  const nodeCount = (await transport.list(nodes, {})).items.length
  return {
    transport,
    reasonAgainst({ nodesMin = 1, needsPrograms }) {
      if (nodeCount < nodesMin) return `the cluster has ${nodeCount} nodes, not ${nodesMin}`
      return needsPrograms && !programs ? 'nothing really runs here' : undefined
    },
    run: (body) => runBody(body, underTest),
    async close() {
      transport.close()
      await parts.close?.()
    },
  }
}

/**
 * Somebody's cluster: nothing is touched but namespaces, and labels of nodes, of the bodies' own.
 */
export function openClusterPlace(given: GivenCluster): Promise<Place> {
  const images = { ...publicImages, ...given.images }
  return connect(given, { images, programs: publicPrograms })
}

/** Our engine with real processes. */
export async function openProcessPlace(): Promise<Place> {
  const given = await givenEngine({ runtime: 'process' })
  await addPrograms(given.images)
  const { kubeconfig } = given.engine
  const parts = { images: publicImages, programs: processPrograms, close: () => given.stop() }
  return connect({ kubeconfig }, parts)
}

async function openSimulatedPlace(): Promise<Place> {
  const given = await givenEngine({
    runtime: 'simulated',
    nodes: 3,
    behaviours: (image) => ({ isUnavailable: image === publicImages.missing }),
  })
  const { kubeconfig } = given.engine
  return connect({ kubeconfig }, { images: publicImages, close: () => given.stop() })
}

/** Engines of our own, over HTTP: simulated nodes, and processes where they are needed. */
export async function openEmbeddedPlace(): Promise<Place> {
  const [simulated, processes] = [await openSimulatedPlace(), await openProcessPlace()]
  const placeOf = ({ needsPrograms }: Body) => (needsPrograms ? processes : simulated)
  return {
    reasonAgainst: (body) => placeOf(body).reasonAgainst(body),
    run: (body) => placeOf(body).run(body),
    close: async () => {
      await Promise.all([simulated.close(), processes.close()])
    },
  }
}
