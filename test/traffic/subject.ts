/** Programs behind something that keeps them reachable while they are replaced. */
export interface Subject {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Replaces the programs by those of the other version; resolves when the old ones are gone. */
  roll(): Promise<void>
  end(): Promise<void>
}

/** What cannot be measured here, and what that needs. */
export interface Absent {
  readonly name: string
  readonly why: string
}

export const versions = ['1.0.0', '1.1.0'] as const
