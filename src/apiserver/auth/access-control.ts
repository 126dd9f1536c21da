import type { Access } from './access.ts'
import type { Decision } from './authorizer.ts'
import type { Identity } from './identity.ts'

/** Who comes in, and what he may do: what the wire asks before it serves a request. */
export interface AccessControl {
  /** Throws 403 in upstream's words. */
  authorize(identity: Identity, access: Access): void
  /** The same as an answer, with the reason. */
  decide(identity: Identity, access: Access): Decision
}
