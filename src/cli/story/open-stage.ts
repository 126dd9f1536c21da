import { systemContext } from '../../base/context.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { createInformers } from '../../client/informers.ts'
import { loadKubeconfig } from '../../client/kubeconfig.ts'
import type { Teardown } from '../../cluster/teardown.ts'
import type { LivePicture } from '../picture/live-picture.ts'
import { PictureSource } from '../picture/picture-source.ts'
import { trafficReader } from '../picture/read-traffic.ts'
import { Load } from './load.ts'
import { Stage, type StageParts } from './stage.ts'
import { Witness } from './witness.ts'

export interface OpenStageOptions extends Pick<StageParts, 'scene' | 'signal' | 'startedMs'> {
  readonly live: LivePicture
  /** Gets the end of everything that is started. */
  readonly teardown: Teardown
  /** The version that answers with 500. */
  readonly faultyVersion: string
}

/** Looks at the cluster as any client would: over HTTP. */
export async function openStage(options: OpenStageOptions): Promise<Stage> {
  const { scene, live, teardown, faultyVersion, ...rest } = options
  const context = systemContext()
  const { namespace } = scene
  const app = { namespace, name: 'app' }
  const access = loadKubeconfig({ files: [scene.kubeconfig] })
  const transport = new HttpTransport(context, { access, userAgent: 'astern-story' })
  teardown.add(() => transport.close())
  const informers = createInformers(context, transport, { namespace })
  teardown.add(() => informers.stop())
  const readTraffic = trafficReader(transport)
  const source = new PictureSource({ context, informers, key: app, readTraffic })
  const load = new Load((version) => version === faultyVersion)
  teardown.add(() => load.stop())
  const witness = new Witness({ informers, app, tally: () => load.tally })
  source.addListener((picture) => live.show(picture))
  teardown.add(() => source.stop())
  source.start()
  await informers.start()
  return new Stage({ ...rest, scene, clock: context.clock, live, witness, load })
}
