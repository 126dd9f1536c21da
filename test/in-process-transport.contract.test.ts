import { ApiServer } from '../src/apiserver/api-server.ts'
import { transportFor } from '../src/apiserver/in-process-transport.ts'
import { systemContext } from '../src/base/context.ts'
import { MemoryStore } from '../src/store/memory-store.ts'
import { transportContract } from './transport.contract.ts'

transportContract('in process', async () => {
  const store = new MemoryStore()
  const context = systemContext()
  const server = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
  const stop = async () => {
    server.stop()
    await store.close()
  }
  return {
    transport: transportFor(server, {
      user: 'test',
      groups: ['system:masters'],
      userAgent: 'contract',
    }),
    stop,
  }
})
