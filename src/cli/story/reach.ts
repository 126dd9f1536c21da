import { Agent, request } from 'node:http'
import type { Context } from '../../base/context.ts'
import { Http2Connection } from '../../client/http2-connection.ts'
import type { ClusterAccess } from '../../client/kubeconfig.ts'
import type { Answer } from './tally.ts'

/** A way for a client to reach the Service. */
export interface Reach {
  /** What one would type. */
  readonly command: readonly string[]
  readonly everyMs: number
  /** One request, never a second time; does not reject. */
  ask(): Promise<Answer>
  close(): void
}

const patienceMs = 10_000
/** So many connections are kept alive; a request that finds none free waits for one. */
const connectionsMax = 8

/** Straight to an address. */
export function reachByUrl(url: string): Reach {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })
  return {
    command: ['curl', url],
    everyMs: 10,
    ask: () => askUrl(url, agent),
    close: () => agent.destroy(),
  }
}

function askUrl(url: string, agent: Agent): Promise<Answer> {
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

/**
 * Through the API server, which any cluster can do: it hands the request to a pod of the Service.
 */
export function reachThroughApi(
  context: Pick<Context, 'clock'>,
  access: Pick<ClusterAccess, 'server' | 'tls' | 'token'>,
  path: string,
): Reach {
  const connection = new Http2Connection(context, access)
  const { token } = access
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  return {
    command: ['kubectl', 'get', '--raw', path],
    everyMs: 50,
    async ask() {
      try {
        const answer = await connection.send({ method: 'GET', path, headers })
        for await (const _ of answer.body);
        return { version: answer.headers['x-version']?.toString(), status: answer.status }
      } catch (error) {
        return { error: (error as Error).message }
      }
    },
    close: () => connection.close(),
  }
}
