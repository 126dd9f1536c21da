import type { ObjectKey } from '../../api/object.ts'
import { sleep } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import type { HttpTransport } from '../../client/http-transport.ts'
import { createInformers } from '../../client/informers.ts'
import { LivePicture, type PictureIo } from './live-picture.ts'
import type { Picture } from './picture.ts'
import { PictureSource } from './picture-source.ts'
import { trafficReader } from './read-traffic.ts'

export interface FollowOptions {
  readonly context: Context
  readonly transport: HttpTransport
  readonly io: PictureIo
  /** The Deployment. */
  readonly key: Required<ObjectKey>
}

export interface FollowedRollout {
  /** What is drawn; undefined while nothing is. */
  picture(): Picture | undefined
  /** Leaves the last picture on the screen. */
  stop(): Promise<void>
}

/** A resource that may not be listed here keeps nobody waiting for the rest. */
const syncMsMax = 2_000

/** Draws a Deployment's rollout live until `stop`: what `rollout status` shows on a terminal. */
export function followRollout(options: FollowOptions): FollowedRollout {
  const { context, transport, io, key } = options
  const informers = createInformers(context, transport, { namespace: key.namespace })
  const readTraffic = trafficReader(transport)
  const source = new PictureSource({ context, informers, key, readTraffic })
  const live = new LivePicture(io)
  let isSynced = false
  source.addListener((picture) => {
    if (isSynced) live.show(picture)
  })
  source.start()
  void Promise.race([informers.start(), sleep(context.clock, syncMsMax)]).then(() => {
    isSynced = true
  })
  return {
    picture: () => source.picture(),
    async stop() {
      const last = source.picture()
      source.stop()
      if (last) live.show(last)
      live.close()
      await informers.stop()
    },
  }
}
