import { Agent, request } from 'node:http'

export interface Tally {
  readonly requests: number
  readonly failures: readonly string[]
  readonly byBody: ReadonlyMap<string, number>
}

interface Target {
  readonly host: string
  readonly port: number
}

const timeoutMs = 5_000

/**
 * Clients that ask one request after the other, each over a connection that it keeps, without a
 * single retry; every other request has a body. Anything but a whole 200 answer is a failure.
 */
export class SteadyLoad {
  readonly #target: Target
  readonly #agent: Agent
  readonly #clients: Promise<void>[]
  readonly #byBody = new Map<string, number>()
  readonly #failures: string[] = []
  #requests = 0
  #stopped = false

  constructor(target: Target, clients: number) {
    this.#target = target
    this.#agent = new Agent({ keepAlive: true, maxSockets: clients })
    this.#clients = Array.from({ length: clients }, () => this.#client())
  }

  get failures(): number {
    return this.#failures.length
  }

  get requests(): number {
    return this.#requests
  }

  /** What has been answered since the last call, by body. */
  takeBodies(): ReadonlySet<string> {
    const seen = new Set(this.#byBody.keys())
    this.#byBody.clear()
    return seen
  }

  async stop(): Promise<Tally> {
    this.#stopped = true
    await Promise.all(this.#clients)
    this.#agent.destroy()
    return { requests: this.#requests, failures: this.#failures, byBody: this.#byBody }
  }

  async #client(): Promise<void> {
    while (!this.#stopped) {
      this.#requests++
      try {
        const body = await this.#ask(this.#requests % 2 === 0 ? 'POST' : 'GET')
        this.#byBody.set(body, (this.#byBody.get(body) ?? 0) + 1)
      } catch (error) {
        this.#failures.push((error as Error).message)
      }
    }
  }

  #ask(method: 'GET' | 'POST'): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { ...this.#target, method, agent: this.#agent, timeout: timeoutMs }
      const asked = request(options, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () =>
          response.statusCode === 200 ? resolve(body) : reject(new Error(`${response.statusCode}`)),
        )
        response.on('error', reject)
      })
      asked.on('timeout', () => asked.destroy(new Error('timeout')))
      asked.on('error', reject)
      asked.end(method === 'POST' ? 'x'.repeat(1000) : undefined)
    })
  }
}
