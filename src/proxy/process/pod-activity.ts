/** The HTTP requests that one pod answers just now, for whichever Service. Streams do not count. */
export class PodActivity {
  /** Told when the last request has been answered. */
  readonly #onIdle: () => void
  #requests = 0

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  get isBusy(): boolean {
    return this.#requests > 0
  }

  requestBegins(): void {
    this.#requests++
  }

  requestEnds(): void {
    this.#requests--
    if (this.#requests === 0) this.#onIdle()
  }
}
