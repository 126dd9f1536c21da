import type { JsonValue } from '../../api/json.ts'
import type { Access } from './access.ts'
import type { Identity } from './identity.ts'

/** Who comes in, and what he may do: what the wire asks before it serves a request. */
export interface AccessControl {
  /** Throws 403 in upstream's words. */
  authorize(identity: Identity, access: Access): void
  /** Whom a bearer token stands for; undefined for one that is not good. */
  authenticateToken(token: string): Promise<Identity | undefined>
  /** The public keys of our tokens, for others who check them. */
  tokenKeys(): Promise<JsonValue>
}
