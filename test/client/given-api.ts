import type { Transport } from '../../src/api/transport.ts'
import { ApiServer } from '../../src/apiserver/api-server.ts'
import { transportFor } from '../../src/apiserver/in-process-transport.ts'
import type { Context } from '../../src/base/context.ts'
import { seededIds } from '../../src/base/ids.ts'
import { silentLogger } from '../../src/base/log.ts'
import { seededPrng } from '../../src/base/prng.ts'
import { VirtualClock } from '../../src/base/virtual-clock.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'

/** An API server of its own on a virtual clock, and a transport into it. */
export interface GivenApi {
  readonly clock: VirtualClock
  readonly context: Context
  readonly transport: Transport
  stop(): Promise<void>
}

export async function givenApi(seed = 1): Promise<GivenApi> {
  const clock = new VirtualClock()
  const prng = seededPrng(seed)
  const context = { clock, prng, ids: seededIds(prng), log: silentLogger }
  const store = new MemoryStore()
  const server = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
  const caller = { user: 'system:admin', groups: ['system:masters'], userAgent: 'test' }
  return {
    clock,
    context,
    transport: transportFor(server, caller),
    async stop() {
      server.stop()
      await store.close()
    },
  }
}
