import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Deployment } from '../../src/api/generated/types.ts'
import { deepFreeze, parseJson } from '../../src/api/json.ts'
import { deployments } from '../../src/api/scheme.ts'
import { VirtualCluster } from '../../src/cluster/virtual/virtual-cluster.ts'
import { openLevelStore } from '../../src/store/level-store.ts'
import { storeFormat } from '../../src/store/store-directory.ts'

/**
 * Stores of every format there has been, as `tools/fixtures/write-store.ts` made them at their
 * time: three rolled-out workloads, at rest.
 */
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url))
const formats = (await readdir(fixtures)).filter((name) => name.startsWith('store-format-'))

/** What the engine of its time did not keep yet: written once, when it is opened. */
const notKeptYet: Readonly<Record<string, RegExp>> = {
  'store-format-1': /^configmaps\/default\/astern-(db|agent)-[0-9a-f]{8}-r1$/,
}

const decode = (bytes: Uint8Array) => deepFreeze(parseJson(Buffer.from(bytes).toString('utf8')))

test('there is a fixture of the present format', () => {
  expect(formats).toContain(`store-format-${storeFormat}`)
})

test.each(formats)('%s: opened and synced, nothing is written', async (format) => {
  const directory = await mkdtemp(join(tmpdir(), 'astern-fixture-'))
  await cp(join(fixtures, format), directory, { recursive: true })
  const store = await openLevelStore(directory, { decode })
  const revision = store.revision
  const written: string[] = []
  const events = (all: readonly { readonly key: string }[]) =>
    void written.push(...all.map(({ key }) => key))
  store.watch('', revision, { events, end: () => {} })
  // Without its nodes, and not for so long that they would be missed.
  const startMs = Date.UTC(2026, 0, 1, 1)
  const cluster = await VirtualCluster.start({ nodes: 0, store, startMs })
  try {
    await cluster.pass(25_000)
    const key = { namespace: 'default', name: 'web' }
    const web = await cluster.transport.get<Deployment>(deployments, key)
    expect(web.status?.availableReplicas).toBe(3)
    expect(written.filter((key) => !notKeptYet[format]?.test(key))).toEqual([])
    expect(store.revision).toBe(revision + written.length)
  } finally {
    await cluster.stop()
    await rm(directory, { recursive: true })
  }
})
