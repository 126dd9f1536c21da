import type { Clock } from '../base/clock.ts'

/** Where text goes. */
export interface Output {
  write(text: string | Uint8Array): void
}

/**
 * Everything a command touches of the process it runs in. A command never reaches for `process`, so
 * that a test runs many of them in one process.
 */
export interface CliIo {
  /** What messages and `--record` call the program: the base name of its executable. */
  readonly programName: string
  readonly stdin: AsyncIterable<string | Uint8Array>
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** What relative paths start from. */
  readonly cwd: string
  /** Whether stdout is a terminal, and how wide it is (80 where it is none). */
  readonly isTerminal: boolean
  readonly columns: number
  /** Whether somebody can answer a question: stdin and stderr are terminals. Absent: nobody can. */
  readonly canAsk?: boolean
  readonly clock: Clock
  /** Aborts when the user wants to leave (Ctrl-C): follows and watches end then. */
  readonly signal: AbortSignal
}
