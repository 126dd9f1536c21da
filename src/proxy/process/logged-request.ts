import type { AccessLog } from './access-log.ts'
import { space } from './http/characters.ts'
import type { UpstreamEndpoint } from './upstream.ts'

const questionMark = 63

export interface RequestFacts {
  readonly client: string
  readonly service: string
  readonly method: string
  /** Begins with the request line, which has been found well-formed. */
  readonly head: Buffer
  /** On the clock of `performance.now`. */
  readonly beganMs: number
}

/** One request on its way into the access log. */
export class LoggedRequest {
  readonly #log: AccessLog
  readonly #facts: Omit<RequestFacts, 'head'>
  readonly #path: string
  /** The one that was tried last. */
  endpoint: UpstreamEndpoint | undefined
  /** Of the answer. */
  bytes = 0

  constructor(log: AccessLog, { head, ...facts }: RequestFacts) {
    this.#log = log
    this.#facts = facts
    this.#path = pathOf(head, facts.method.length + 1)
  }

  /** The only call that writes; `status` 0 when no answer had begun. */
  end(status: number, isWhole: boolean): void {
    const { client, service, method, beganMs } = this.#facts
    const { endpoint } = this
    this.#log.add({
      time: new Date(performance.timeOrigin + beganMs).toISOString(),
      client,
      service,
      endpoint: endpoint ? `${endpoint.ip}:${endpoint.port}` : '',
      pod: endpoint?.podName ?? '',
      revision: endpoint?.templateHash ?? '',
      method,
      path: this.#path,
      status,
      bytes: this.bytes,
      ms: Number((performance.now() - beganMs).toFixed(2)),
      ...(!isWhole && { aborted: true }),
    })
  }
}

function pathOf(head: Buffer, start: number): string {
  const lineEnd = head.indexOf(space, start)
  const query = head.indexOf(questionMark, start)
  return head.toString('latin1', start, query >= 0 && query < lineEnd ? query : lineEnd)
}
