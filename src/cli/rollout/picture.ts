import type { Deployment } from '../../api/generated/types.ts'
import type { RolloutReport } from '../../rollout/rollout-status.ts'
import type { CliIo } from '../io.ts'
import type { Session } from '../session.ts'

/** One rollout to be drawn while it goes on. */
export interface RolloutToDraw {
  readonly io: CliIo
  readonly session: Session
  readonly deployment: Deployment
}

/** A drawing under way: told of every change of the Deployment, and ended with the last report. */
export interface RolloutDrawing {
  show(deployment: Deployment, report: RolloutReport): void
  /** Leaves the terminal as a reader of lines expects it. */
  end(): void | Promise<void>
}

/** Starts to draw; undefined: cannot, print lines. Called on terminals only. */
export type RolloutPicture = (rollout: RolloutToDraw) => RolloutDrawing | undefined
