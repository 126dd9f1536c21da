/** Programs behind something that keeps them reachable while they are replaced. */
export interface Subject {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Replaces the programs by those of the other version; resolves when the old ones are gone. */
  roll(): Promise<void>
  /**
   * Ends one program, in the middle of whatever it does, by SIGKILL; resolves when all are back.
   * Undefined where nobody brings it back.
   */
  readonly kill?: () => Promise<void>
  end(): Promise<void>
}

/** What cannot be measured here, and what that needs. */
export interface Absent {
  readonly name: string
  readonly why: string
}

export const versions = ['1.0.0', '1.1.0'] as const
