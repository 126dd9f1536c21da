import { sleep } from '../../base/clock.ts'
import { systemContext } from '../../base/context.ts'
import type { RolloutPicture } from '../rollout/picture.ts'
import type { FollowedRollout } from './follow-rollout.ts'

/** How long the drawing may lag behind the command that ends it. */
const lagMsMax = 500
const pollMs = 10

/** What `rollout status` shows on a terminal. What it needs is loaded only when it draws. */
export const drawRollout: RolloutPicture = ({ io, session, deployment }) => {
  const { name = '', namespace = '' } = deployment.metadata
  const { transport } = session
  const options = { context: systemContext(), transport, io, key: { name, namespace } }
  const following = import('./follow-rollout.ts').then(({ followRollout }) =>
    followRollout(options),
  )
  let lastMessage = ''
  return {
    show(_, { message }) {
      lastMessage = message
    },
    async end() {
      const followed = await following
      await untilCaughtUp(followed, lastMessage)
      await followed.stop()
    },
  }
}

async function untilCaughtUp(followed: FollowedRollout, lastMessage: string): Promise<void> {
  const { clock } = systemContext()
  const giveUpMs = clock.monotonic() + lagMsMax
  while (followed.picture()?.report.message !== lastMessage && clock.monotonic() < giveUpMs) {
    await sleep(clock, pollMs)
  }
}
