import type { PatchAdvisor } from '../api/seams.ts'
import type { Context } from '../base/context.ts'
import type { Store } from '../store/store.ts'
import type { QuotaLedger } from './admission/quota-ledger.ts'
import type { ServiceAllocator } from './admission/service-allocator.ts'
import type { Authorizer } from './auth/authorizer.ts'
import type { ServiceAccountTokens } from './auth/service-account-tokens.ts'
import type { WatchHub } from './watch-hub.ts'

/** What the verbs of one API server share. */
export interface ServerContext extends Context {
  readonly store: Store
  readonly quotaLedger: QuotaLedger
  readonly serviceAllocator: ServiceAllocator
  readonly watchHub: WatchHub
  readonly authorizer: Authorizer
  readonly adviseOnPatch?: PatchAdvisor | undefined
  readonly tokens: ServiceAccountTokens
}
