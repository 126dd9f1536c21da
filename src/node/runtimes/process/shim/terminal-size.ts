import { execFile } from 'node:child_process'
import type { TerminalSize } from '../../../../api/seams.ts'

/**
 * Sets the size of one terminal. The size that was asked for last is the one that is left: kubectl
 * asks twice in one go, for one that is off by one and then for the right one, so that programs
 * draw anew.
 */
export class TerminalSizes {
  readonly #set: (size: TerminalSize) => Promise<void>
  #wanted: TerminalSize | undefined
  #isSetting = false

  constructor(set: (size: TerminalSize) => Promise<void>) {
    this.#set = set
  }

  ask(size: TerminalSize): void {
    this.#wanted = size
    if (!this.#isSetting) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isSetting = true
    for (let size = this.#take(); size !== undefined; size = this.#take()) await this.#set(size)
    this.#isSetting = false
  }

  #take(): TerminalSize | undefined {
    const size = this.#wanted
    this.#wanted = undefined
    return size
  }
}

/** Resolves when it is done, or cannot be. The kernel tells the programs on the terminal. */
export function setTerminalSize(path: string, { columns, rows }: TerminalSize): Promise<void> {
  const words = ['-F', path, 'rows', `${rows}`, 'cols', `${columns}`]
  return new Promise((resolve) => execFile('stty', words, () => resolve()))
}
