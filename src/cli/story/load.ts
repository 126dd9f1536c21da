import { Agent, request } from 'node:http'
import { type Answer, emptyTally, type Tally, withAnswer } from './tally.ts'

export interface LoadOptions {
  readonly url: string
  readonly everyMs: number
  readonly isFaulty: (version: string) => boolean
}

const patienceMs = 10_000
/** So many connections are kept alive; a request that finds none free waits for one. */
const connectionsMax = 8

/** Constant traffic of a client that never asks twice: what fails has failed. */
export class Load {
  readonly #options: LoadOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })
  readonly #open = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #tally = emptyTally

  constructor(options: LoadOptions) {
    this.#options = options
  }

  get tally(): Tally {
    return this.#tally
  }

  start(): void {
    this.#timer = setInterval(() => {
      const one = this.#one().finally(() => this.#open.delete(one))
      this.#open.add(one)
    }, this.#options.everyMs)
  }

  /** Resolves when what is under way is answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
  }

  async #one(): Promise<void> {
    const answer = await ask(this.#options.url, this.#agent)
    this.#tally = withAnswer(this.#tally, answer, this.#options.isFaulty)
  }
}

function ask(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = ({ message }: Error) => resolve({ error: message })
    const asked = request(url, { agent, timeout: patienceMs }, (response) => {
      const { 'x-version': version } = response.headers
      const answer = { version: version?.toString(), status: response.statusCode }
      response
        .once('error', fail)
        .once('end', () => resolve(answer))
        .resume()
    })
    asked.once('timeout', () => asked.destroy(new Error(`no answer in ${patienceMs} ms`)))
    asked.once('error', fail).end()
  })
}
