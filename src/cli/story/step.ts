import type { Stage } from './stage.ts'
import { StepFailed } from './story-error.ts'

export interface StepDefinition<Result> {
  /** What a reader is told. */
  readonly name: string
  /** Does it, and resolves when it has happened. */
  readonly act: (stage: Stage) => Promise<Result>
  /** What is not as it must be, in words; nothing: the step held. */
  readonly check: (result: Result) => readonly string[]
}

export interface Step {
  readonly name: string
  /** Rejects with StepFailed or Interrupted. */
  readonly run: (stage: Stage) => Promise<void>
}

export function step<Result>({ name, act, check }: StepDefinition<Result>): Step {
  return {
    name,
    async run(stage) {
      const faults = check(await act(stage))
      if (faults.length > 0) throw new StepFailed(faults.join('; '))
    },
  }
}
