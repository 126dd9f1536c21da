import type { Output } from '../io.ts'

const control = '\u001b['
const hideCursor = `${control}?25l`
const showCursor = `${control}?25h`
const clearToEndOfLine = `${control}K`
const clearBelow = `${control}J`

/** Lines at the lower end of a terminal that are drawn again and again in the same place. */
export class Screen {
  readonly #output: Output
  #height = 0

  constructor(output: Output) {
    this.#output = output
  }

  /** `lines` must not be wider than the terminal, nor as many as it has rows. */
  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${clearToEndOfLine}\n`).join('')
    this.#output.write(`${hideCursor}${this.#home()}${text}${clearBelow}`)
    this.#height = lines.length
  }

  /** Wipes what is drawn: what is written next stands in its place and scrolls. */
  erase(): void {
    if (this.#height > 0) this.#output.write(`${this.#home()}${clearBelow}`)
    this.#height = 0
  }

  /** Leaves what is drawn, and gives the cursor back. */
  release(): void {
    this.#output.write(showCursor)
    this.#height = 0
  }

  #home(): string {
    return this.#height > 0 ? `${control}${this.#height}A\r` : '\r'
  }
}
