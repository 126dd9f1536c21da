import { MemoryStore } from './memory-store.ts'
import { describeStore } from './store.contract.ts'
import { testStoreModel } from './store-model.contract.ts'

describeStore('MemoryStore', async () => new MemoryStore())
testStoreModel(async () => new MemoryStore(), { runs: 300 })
