import type { CliIo } from '../io.ts'
import { changesBetween } from './changes.ts'
import type { Picture } from './picture.ts'
import { type RenderOptions, renderPicture } from './render.ts'
import { Screen } from './screen.ts'

/**
 * What it needs of a command's surroundings. `rows`: the terminal's height, where that is known.
 */
export type PictureIo = Pick<CliIo, 'stdout' | 'isTerminal' | 'columns' | 'env'> & {
  readonly rows?: number | undefined
}

/** What the terminal can show, by the conventions of its environment. */
export function renderOptionsOf({ isTerminal, columns, env }: PictureIo): RenderOptions {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return {
    columns,
    isUnicode: /utf-?8/i.test(locale),
    hasColor: isTerminal && !env.NO_COLOR && env.TERM !== 'dumb',
  }
}

/**
 * Shows pictures as they come, in place, with text scrolling above them. Where stdout is no
 * terminal each change is a line instead.
 */
export class LivePicture {
  readonly #io: PictureIo
  readonly #screen: Screen | undefined
  #shown: Picture | undefined
  #isClosed = false

  constructor(io: PictureIo) {
    this.#io = io
    this.#screen = io.isTerminal && io.env.TERM !== 'dumb' ? new Screen(io.stdout) : undefined
  }

  get shown(): Picture | undefined {
    return this.#shown
  }

  show(picture: Picture): void {
    if (this.#isClosed) return
    const before = this.#shown
    this.#shown = picture
    if (this.#screen) this.#draw(this.#screen, picture)
    else this.#write(changesBetween(before, picture).map((change) => `  ${change}`))
  }

  /** Lines that stay. */
  print(...lines: readonly string[]): void {
    this.#screen?.erase()
    this.#write(lines)
    if (this.#screen && this.#shown && !this.#isClosed) this.#draw(this.#screen, this.#shown)
  }

  /** Leaves the last picture where it is; what is printed from now on follows it. */
  close(): void {
    if (!this.#isClosed) this.#screen?.release()
    this.#isClosed = true
  }

  #draw(screen: Screen, picture: Picture): void {
    const { rows } = this.#io
    const lines = renderPicture(picture, renderOptionsOf(this.#io))
    screen.draw(['', ...lines].slice(0, rows === undefined ? undefined : Math.max(1, rows - 1)))
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) this.#io.stdout.write(`${lines.join('\n')}\n`)
  }
}
