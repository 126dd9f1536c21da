import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(import.meta.url)
const binary = 'kubernetes-mcp-server-linux-amd64/bin/kubernetes-mcp-server-linux-amd64'

interface Answer {
  readonly id?: number
  readonly error?: { readonly message: string }
  readonly result?: {
    readonly isError?: boolean
    readonly content?: readonly { readonly text: string }[]
  }
}

/** A program on client-go that is driven over its standard input and output (MCP). */
export class McpProgram {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #last = 0

  private constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn(require.resolve(binary), [], { env })
    this.#child.stderr.resume()
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    })
  }

  static async start(env: NodeJS.ProcessEnv): Promise<McpProgram> {
    const program = new McpProgram(env)
    const clientInfo = { name: 'astern', version: '1' }
    const hello = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo }
    await program.#ask('initialize', hello)
    program.#send({ method: 'notifications/initialized' })
    return program
  }

  /** The text that a tool answers. Rejects with it when the tool says it is an error. */
  async call(name: string, args: object): Promise<string> {
    const { result, error } = await this.#ask('tools/call', { name, arguments: args })
    const text = result?.content?.[0]?.text ?? error?.message ?? ''
    if (error || result?.isError) throw new Error(`${name}: ${text}`)
    return text
  }

  async stop(): Promise<void> {
    const closed = once(this.#child, 'close')
    this.#child.kill()
    await closed
  }

  #send(message: object): void {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  #ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#last
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#send({ id, method, params })
    })
  }
}
