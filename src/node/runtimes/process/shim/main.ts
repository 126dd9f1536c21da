import { mkdirSync } from 'node:fs'
import { required } from '../../../../base/assert.ts'
import { claimFile, claimHolder } from '../../../../base/claim-file.ts'
import { leaveCompanion } from '../../../../base/companion-process.ts'
import { identityOf } from '../../../../base/process-identity.ts'
import { layoutOf } from '../layout.ts'
import { Containers } from './containers.ts'
import { ExecServer } from './exec-server.ts'
import { ShimServer } from './server.ts'

/** How long a new shim waits for the control plane that started it. */
const firstClientMs = 10_000

/**
 * The shim: `shim-main DATA_DIR`. One small process per data directory that starts containers,
 * writes their logs and sees their ends; it outlives the control plane and ends by itself when
 * nothing runs and nobody is connected. Killed, it is replaced by a new one that finds everything
 * on disk.
 */
async function main(dataDir: string): Promise<void> {
  const layout = layoutOf(dataDir)
  mkdirSync(layout.runDir, { recursive: true, mode: 0o700 })
  const self = required(identityOf(process.pid), 'own identity')
  const holder = { ...self, note: `shim of ${layout.dataDir}` }
  if (!claimFile(layout.shimLock, holder)) {
    const pid = claimHolder(layout.shimLock)?.pid
    process.stderr.write(`another shim holds ${layout.dataDir}: pid ${pid}\n`)
    return
  }
  const leave = () =>
    leaveCompanion({ path: layout.shimLock, holder }, [layout.shimSocket, layout.execSocket])
  let isAwaited = true
  const leaveIfIdle = () => {
    if (!isAwaited && server.clientCount === 0 && !containers.hasRunning()) leave()
  }
  const stopWaiting = () => {
    isAwaited = false
    leaveIfIdle()
  }
  const containers = new Containers(layout, (record) => {
    server.announce({ exited: record })
    leaveIfIdle()
  })
  const server = new ShimServer(containers, stopWaiting)
  process.on('SIGTERM', leave)
  await containers.adoptAll()
  await new ExecServer(containers).listen(layout.execSocket)
  await server.listen(layout.shimSocket)
  setTimeout(stopWaiting, firstClientMs)
}

await main(required(process.argv[2], 'the data directory: shim-main DATA_DIR'))
