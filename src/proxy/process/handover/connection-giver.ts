import type { ClientConnection, GivenConnection } from '../client-connection.ts'

/** Resolves when the handle has left this process. */
type Send = (given: GivenConnection) => Promise<void>

/**
 * Gives connections to another process one by one, each only when its turn has come: meanwhile it
 * is served here. So nobody waits longer than one handle takes.
 */
export class ConnectionGiver {
  readonly #send: Send
  readonly #offered = new Set<ClientConnection>()
  #isGiving = false

  constructor(send: Send) {
    this.#send = send
  }

  get isIdle(): boolean {
    return !this.#isGiving
  }

  offer(connection: ClientConnection): void {
    this.#offered.add(connection)
    if (this.#isGiving) return
    this.#isGiving = true
    void this.#giveAll()
  }

  async #giveAll(): Promise<void> {
    for (const connection of this.#offered) {
      // What was resumed in this turn of the event loop would be read once more.
      await new Promise(setImmediate)
      this.#offered.delete(connection)
      const given = connection.give()
      if (!given) continue
      await this.#send(given)
      given.close()
    }
    this.#isGiving = false
  }
}
