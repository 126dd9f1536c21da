import { connect, type Socket } from 'node:net'

export interface ConnectionTally {
  readonly connections: number
  readonly requests: number
  /** Texts of what went wrong: resets, ends without an answer, other answers, time-outs. */
  readonly failures: readonly string[]
}

const request = 'GET /name HTTP/1.1\r\nHost: x\r\n\r\n'
const timeoutMs = 20_000

/** One client: what it gets that is not a whole answer is a failure. It never tries again. */
export class Client {
  readonly socket: Socket
  #text = ''
  #resolve: ((answer: string) => void) | undefined
  #reject: ((error: Error) => void) | undefined

  constructor(host: string, port: number) {
    this.socket = connect({ host, port, noDelay: true })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (chunk: string) => this.#received(chunk))
    this.socket.on('error', (error) => this.#reject?.(error))
    this.socket.on('end', () => this.#reject?.(new Error('the connection was closed')))
  }

  /** Resolves with the body, of a length that the answer says. */
  ask(text = request): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs)
      this.#resolve = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.#reject = (error) => {
        clearTimeout(timer)
        reject(error)
      }
      this.socket.write(text)
    })
  }

  #received(chunk: string): void {
    this.#text += chunk
    const head = this.#text.indexOf('\r\n\r\n')
    const length = /content-length: (\d+)/i.exec(this.#text)?.[1]
    if (head < 0 || this.#text.length < head + 4 + Number(length ?? 0)) return
    const answer = this.#text
    this.#text = ''
    if (answer.startsWith('HTTP/1.1 200 ')) this.#resolve?.(answer.slice(head + 4))
    else this.#reject?.(new Error(answer.slice(0, 100)))
  }
}

/** Between two requests of those kept connections that pause. */
const pauseMsMax = 50

/**
 * Connections of four sorts at once: for one request each; one that is kept, and asked without a
 * pause; kept, and asked now and then; kept, and silent from their first request until the end.
 */
export class ConnectionLoad {
  readonly #target: readonly [string, number]
  readonly #failures: string[] = []
  readonly #loops: Promise<void>[]
  readonly #silent: Promise<Client[]>
  #isOver = false
  #connections = 0
  #requests = 0

  constructor(host: string, port: number, silent: number) {
    this.#target = [host, port]
    const once = Array.from({ length: 16 }, () => this.#loop(() => this.#single()))
    const kept = Array.from({ length: 32 }, (_, at) => this.#keptLoop(at === 0 ? 0 : pauseMsMax))
    this.#loops = [...once, ...kept]
    this.#silent = Promise.all(Array.from({ length: silent }, () => this.#asked()))
  }

  get connections(): number {
    return this.#connections
  }

  async stop(): Promise<ConnectionTally> {
    this.#isOver = true
    await Promise.all(this.#loops)
    for (const client of await this.#silent) {
      await this.#ask(client)
      client.socket.destroy()
    }
    const [failures, connections, requests] = [this.#failures, this.#connections, this.#requests]
    return { failures, connections, requests }
  }

  async #loop(turn: () => Promise<void>): Promise<void> {
    while (!this.#isOver) await turn()
  }

  async #single(): Promise<void> {
    const client = await this.#asked()
    client.socket.destroy()
  }

  async #keptLoop(pauseMs: number): Promise<void> {
    const client = await this.#asked()
    await this.#loop(async () => {
      await this.#ask(client)
      if (pauseMs > 0) await new Promise((done) => setTimeout(done, Math.random() * pauseMs))
    })
    client.socket.destroy()
  }

  async #asked(): Promise<Client> {
    this.#connections++
    const client = new Client(...this.#target)
    await this.#ask(client)
    return client
  }

  async #ask(client: Client): Promise<void> {
    this.#requests++
    try {
      await client.ask()
    } catch (error) {
      this.#failures.push((error as Error).message)
      // A broken connection would fail at once, for ever.
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
