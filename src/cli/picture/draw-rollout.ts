import { sleep } from '../../base/clock.ts'
import { systemContext } from '../../base/context.ts'
import type { RolloutDrawing, RolloutPicture, RolloutToDraw } from '../rollout/picture.ts'
import { type FollowedRollout, followRollout } from './follow-rollout.ts'

/** How long the drawing may lag behind the command that ends it. */
const lagMsMax = 500
const pollMs = 10

/** What `rollout status` shows on a terminal. */
export const drawRollout: RolloutPicture = (rollout: RolloutToDraw): RolloutDrawing => {
  const { io, session, deployment } = rollout
  const { name = '', namespace = '' } = deployment.metadata
  const context = systemContext()
  const key = { name, namespace }
  const followed = followRollout({ context, transport: session.transport, io, key })
  let lastMessage = ''
  return {
    show(_, { message }) {
      lastMessage = message
    },
    async end() {
      await caughtUp(followed, () => lastMessage)
      await followed.stop()
    },
  }
}

async function caughtUp(followed: FollowedRollout, lastMessage: () => string): Promise<void> {
  const { clock } = systemContext()
  const giveUpMs = clock.monotonic() + lagMsMax
  while (clock.monotonic() < giveUpMs) {
    if (followed.picture()?.report.message === lastMessage()) return
    await sleep(clock, pollMs)
  }
}
