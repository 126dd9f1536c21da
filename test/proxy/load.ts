import { Agent, request } from 'node:http'

export interface LoadResult {
  readonly requests: number
  /** Texts of what went wrong. */
  readonly failures: readonly string[]
  /** Answers by backend. */
  readonly byBackend: ReadonlyMap<string, number>
}

export interface Load {
  /** So far. */
  readonly requests: number
  stop(): Promise<LoadResult>
}

interface Answer {
  readonly status: number | undefined
  readonly backend: string
  readonly body: string
}

function ask(agent: Agent, url: string, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: body === undefined ? 'GET' : 'POST', timeout: 10_000 }
    const asked = request(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        if (!response.complete) reject(new Error('truncated'))
        const text = Buffer.concat(chunks).toString()
        const backend = String(response.headers['x-backend'])
        resolve({ status: response.statusCode, backend, body: text })
      })
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('timeout')))
    asked.end(body)
  })
}

/** What each connection asks for, in turn; a POST's answer must be its body. */
const kinds = ['/name', '/echo', '/name', '/slow?5', '/stream?3'] as const

/**
 * Keep-alive connections, each asking one thing after the other as fast as it is answered. No
 * retries: every answer but 200, every broken or short one, is a failure.
 */
export function startLoad(base: string, connections: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const byBackend = new Map<string, number>()
  const failures: string[] = []
  let requests = 0
  let isOver = false
  const once = async (turn: number) => {
    const kind = kinds[turn % kinds.length] as string
    const body = kind === '/echo' ? `body ${turn} `.repeat(2_000) : undefined
    requests++
    try {
      const answer = await ask(agent, `${base}${kind}`, body)
      const isRight = answer.status === 200 && (body === undefined || answer.body === body)
      if (!isRight) failures.push(`${kind}: ${answer.status} ${answer.body.slice(0, 80)}`)
      byBackend.set(answer.backend, (byBackend.get(answer.backend) ?? 0) + 1)
    } catch (error) {
      failures.push(`${kind}: ${error instanceof Error ? error.message : error}`)
    }
  }
  const loop = async (index: number) => {
    for (let turn = index; !isOver; turn++) await once(turn)
  }
  const loops = Array.from({ length: connections }, (_, index) => loop(index))
  return {
    get requests() {
      return requests
    },
    async stop() {
      isOver = true
      await Promise.all(loops)
      agent.destroy()
      return { requests, failures, byBackend }
    },
  }
}
