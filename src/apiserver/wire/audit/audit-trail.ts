import type { KubeObject } from '../../../api/object.ts'
import { StatusError } from '../../../api/status-error.ts'
import { microTimestamp } from '../../../base/clock.ts'
import type { Context } from '../../../base/context.ts'
import type { Access } from '../../auth/access.ts'
import type { Identity } from '../../auth/identity.ts'
import { type Exchange, headerOf } from '../exchange.ts'
import { parseResourcePath } from '../resource-path.ts'
import { type AuditEvent, auditUser } from './audit-event.ts'
import type { AuditLog } from './audit-log.ts'

/** Of a path or a user agent, which a client may make as long as it likes. */
const textMax = 1024

type Arrived = Pick<Exchange, 'request' | 'response' | 'method' | 'path'> & {
  readonly upgrade: unknown
}

/**
 * What becomes of one request, for the audit log: each step says what is known by then, and the end
 * of the answer makes a line of it. Successful reads of what is no object (discovery, health) make
 * none.
 */
export class AuditTrail {
  readonly #log: AuditLog
  readonly #clock: Context['clock']
  readonly #arrived: Arrived
  readonly #id: string
  readonly #receivedMs: number
  readonly #startedMs: number
  readonly #address: string
  #users: Pick<AuditEvent, 'user' | 'impersonatedUser'> = {}
  #access: Access | undefined
  #createdName: string | undefined
  #error: unknown

  constructor(log: AuditLog, { clock, ids }: Pick<Context, 'clock' | 'ids'>, arrived: Arrived) {
    this.#log = log
    this.#clock = clock
    this.#arrived = arrived
    this.#id = ids.uid()
    this.#receivedMs = clock.now()
    this.#startedMs = clock.monotonic()
    this.#address = arrived.request.socket.remoteAddress ?? ''
    arrived.response.once('close', () => this.#end())
  }

  /** `acting` is who the request counts as: another one when `asker` impersonates. */
  identified(asker: Identity, acting: Identity): void {
    this.#users = {
      user: auditUser(asker),
      ...(acting !== asker && { impersonatedUser: auditUser(acting) }),
    }
  }

  asked(access: Access): void {
    this.#access = access
  }

  /** The request was let in, and will last. */
  lasting(): void {
    this.#log.write(this.#event('RequestReceived'))
  }

  /** A creation learns the name only now. */
  created({ metadata }: KubeObject): void {
    this.#createdName = metadata.name
  }

  refused(error: unknown): void {
    this.#error = error
  }

  #end(): void {
    const isObject = this.#access !== undefined && 'resource' in this.#access
    const isRead = this.#arrived.method === 'GET' || this.#arrived.method === 'HEAD'
    if (!isObject && isRead && this.#error === undefined) return
    const elapsedMs = this.#clock.monotonic() - this.#startedMs
    this.#log.write({
      ...this.#event('ResponseComplete'),
      responseStatus: this.#status(),
      annotations: { 'apiserver.latency.k8s.io/total': `${elapsedMs.toFixed(3)}ms` },
    })
  }

  #event(stage: AuditEvent['stage']): AuditEvent {
    const { request, method, path } = this.#arrived
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: this.#id,
      stage,
      requestURI: path.slice(0, textMax),
      verb: this.#access?.verb ?? method.toLowerCase(),
      ...this.#users,
      sourceIPs: [this.#address],
      userAgent: (headerOf(request, 'user-agent') ?? '').slice(0, textMax),
      objectRef: this.#object(),
      requestReceivedTimestamp: microTimestamp(this.#receivedMs),
      stageTimestamp: microTimestamp(this.#clock.now()),
    }
  }

  #object(): AuditEvent['objectRef'] {
    const access = this.#access
    if (access === undefined || !('resource' in access)) return undefined
    return {
      resource: access.resource,
      namespace: access.namespace || undefined,
      name: access.name || this.#createdName,
      apiGroup: access.group || undefined,
      apiVersion: parseResourcePath(this.#arrived.path)?.version,
      subresource: access.subresource || undefined,
    }
  }

  #status(): AuditEvent['responseStatus'] {
    const error = this.#error
    if (error === undefined) {
      const isUpgraded = this.#arrived.upgrade !== undefined
      return { metadata: {}, code: isUpgraded ? 101 : this.#arrived.response.statusCode }
    }
    const { code, reason } =
      error instanceof StatusError ? error : { code: 500, reason: 'InternalError' }
    return { metadata: {}, code, status: 'Failure', reason }
  }
}
