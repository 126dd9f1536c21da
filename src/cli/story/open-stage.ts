import { services } from '../../api/scheme.ts'
import { systemContext } from '../../base/context.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { createInformers } from '../../client/informers.ts'
import { loadKubeconfig } from '../../client/kubeconfig.ts'
import type { Teardown } from '../../cluster/teardown.ts'
import { processLogger } from '../engine/logger.ts'
import { runEngine } from '../engine/run-engine.ts'
import type { LivePicture } from '../picture/live-picture.ts'
import { PictureSource } from '../picture/picture-source.ts'
import { trafficReader } from '../picture/read-traffic.ts'
import { Load } from './load.ts'
import { type Scene, serviceUrl } from './scene.ts'
import { Stage, type StageParts } from './stage.ts'
import { Witness } from './witness.ts'

export interface OpenStageOptions extends Pick<StageParts, 'scene' | 'env' | 'signal'> {
  readonly live: LivePicture
  /** Gets the end of everything that is started. */
  readonly teardown: Teardown
  /** The version that answers with 500. */
  readonly faultyVersion: string
}

const namespace = 'default'
const app = { namespace, name: 'app' } as const
const requestEveryMs = 10

/** Starts an engine in this process, and looks at it as any client would: over HTTP. */
export async function openStage(options: OpenStageOptions): Promise<Stage> {
  const { scene, live, teardown, env, faultyVersion } = options
  const context = systemContext()
  const startedMs = context.clock.monotonic()
  const running = await runEngine(engineOptions(scene), processLogger(env.ASTERN_LOG ?? 'error'))
  teardown.add(() => running.stop({ keepPods: false }))
  const access = loadKubeconfig({ files: [scene.kubeconfig] })
  const transport = new HttpTransport(context, { access, userAgent: 'astern-story' })
  teardown.add(() => transport.close())
  const informers = createInformers(context, transport, { namespace })
  teardown.add(() => informers.stop())
  const readTraffic = trafficReader(transport)
  const source = new PictureSource({ context, informers, key: app, readTraffic })
  const load = new Load({
    url: serviceUrl(scene),
    everyMs: requestEveryMs,
    isFaulty: (version) => version === faultyVersion,
  })
  teardown.add(() => load.stop())
  const witness = new Witness({ informers, app, tally: () => load.tally })
  const served = informers.for(services)
  source.addListener((picture) => live.show(picture))
  teardown.add(() => source.stop())
  source.start()
  await informers.start()
  const { signal } = options
  return new Stage({
    scene,
    apiUrl: running.facts.server,
    clock: context.clock,
    startedMs,
    live,
    witness,
    load,
    isServed: () => Boolean(served.lister.get(app)?.status?.loadBalancer?.ingress?.length),
    env,
    signal,
  })
}

function engineOptions({ dataDir }: Scene): Parameters<typeof runEngine>[0] {
  return {
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    serviceListen: '127.0.0.1',
    serviceCidr: undefined,
    kubeconfig: undefined,
    mergeKubeconfig: false,
    runtime: 'process',
    nodes: 1,
    isJson: false,
  }
}
