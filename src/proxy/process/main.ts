import { mkdirSync } from 'node:fs'
import { required } from '../../base/assert.ts'
import { claimFile, claimHolder } from '../../base/claim-file.ts'
import { leaveCompanion } from '../../base/companion-process.ts'
import { identityOf } from '../../base/process-identity.ts'
import { proxyLayout } from '../layout.ts'
import { Door } from './door.ts'

/** How often the proxy looks whether it is still of use. */
const lookMs = 10_000

/**
 * The proxy: `proxy-main DATA_DIR`. One process per data directory; it outlives the control plane
 * and goes on by its last table. It ends when it is told to, when its data directory is gone, or
 * when nobody has ever given it a table.
 */
async function main(dataDir: string): Promise<void> {
  const layout = proxyLayout(dataDir)
  mkdirSync(layout.runDir, { recursive: true, mode: 0o700 })
  const self = required(identityOf(process.pid), 'own identity')
  const holder = { ...self, note: `proxy of ${layout.dataDir}` }
  if (!claimFile(layout.lock, holder)) {
    const pid = claimHolder(layout.lock)?.pid
    process.stderr.write(`another proxy holds ${layout.dataDir}: pid ${pid}\n`)
    return
  }
  const leave = () => leaveCompanion({ path: layout.lock, holder }, [layout.socket])
  const door = new Door(leave)
  process.on('SIGTERM', leave)
  await door.listen(layout.socket)
  setInterval(() => {
    const isOrphan = claimHolder(layout.lock)?.pid !== process.pid
    if (isOrphan || (!door.hasTable && door.clientCount === 0)) leave()
  }, lookMs)
}

await main(required(process.argv[2], 'the data directory: proxy-main DATA_DIR'))
