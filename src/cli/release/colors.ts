import pc from 'picocolors'
import type { CliIo } from '../io.ts'

export type Colors = ReturnType<typeof pc.createColors>

/** Only on a terminal, and not where the user wants none. */
export function colorsFor({ isTerminal, env }: Pick<CliIo, 'isTerminal' | 'env'>): Colors {
  return pc.createColors(isTerminal && !env.NO_COLOR && env.TERM !== 'dumb')
}
