import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openLevelStore } from './level-store.ts'
import { describeStore } from './store.contract.ts'
import { testStoreModel } from './store-model.contract.ts'

const directories: string[] = []

async function openEmpty() {
  const directory = await mkdtemp(join(tmpdir(), 'astern-store-'))
  directories.push(directory)
  return openLevelStore(directory, {
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
  })
}

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true })
})

describeStore('the LevelDB store', openEmpty)
testStoreModel(openEmpty, { runs: 20 })
