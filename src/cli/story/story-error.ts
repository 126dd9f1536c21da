/** A step did not go as it must; the message says why. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
}

/** The user wants to leave. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
