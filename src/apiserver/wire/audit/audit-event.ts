import type { Identity } from '../../auth/identity.ts'

/** A user as upstream's audit log shows it. */
interface AuditUser {
  readonly username: string
  readonly uid?: string | undefined
  readonly groups: readonly string[]
  readonly extra?: Identity['extra']
}

/** What a request was about. Never what it said: no body, no query. */
interface AuditObject {
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly apiGroup?: string | undefined
  readonly apiVersion?: string | undefined
  readonly subresource?: string | undefined
}

/** One line of the audit log, in upstream's form (`audit.k8s.io/v1`, level Metadata). */
export interface AuditEvent {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: 'Metadata'
  readonly auditID: string
  /** The first only for requests that last, such as a watch: they end who knows when. */
  readonly stage: 'RequestReceived' | 'ResponseComplete'
  /** The path, without its query. */
  readonly requestURI: string
  readonly verb: string
  readonly user?: AuditUser | undefined
  readonly impersonatedUser?: AuditUser | undefined
  readonly sourceIPs: readonly string[]
  readonly userAgent: string
  readonly objectRef?: AuditObject | undefined
  readonly responseStatus?: {
    readonly metadata: Readonly<Record<string, never>>
    readonly code: number
    readonly status?: 'Failure'
    readonly reason?: string
  }
  /** RFC 3339 with microseconds. */
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
}

export function auditUser({ user, uid, groups, extra }: Identity): AuditUser {
  return { username: user, uid, groups, extra }
}
