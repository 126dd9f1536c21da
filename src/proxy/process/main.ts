import { existsSync, mkdirSync } from 'node:fs'
import { required } from '../../base/assert.ts'
import { type ClaimHolder, claimFile, claimHolder, passClaim } from '../../base/claim-file.ts'
import { leaveCompanion } from '../../base/companion-process.ts'
import { identityOf } from '../../base/process-identity.ts'
import { buildOf } from '../build.ts'
import { type ProxyLayout, proxyLayout } from '../layout.ts'
import { Door } from './door.ts'
import { FormerProxy } from './handover/former-proxy.ts'
import { handoverProtocol } from './handover/messages.ts'
import { TrafficPlane } from './traffic-plane.ts'

/** How often the proxy looks whether it is still of use. */
const lookMs = 10_000

/**
 * The proxy: `proxy-main DATA_DIR`. One process per data directory; it outlives the control plane
 * and goes on by its last table. It ends when it is told to, when its data directory is gone, or
 * when nobody has ever given it a table. With `--succeed=PROTOCOL` its parent is the proxy that it
 * takes over from; that one lives on until its connections have ended.
 */
async function main(dataDir: string, option = ''): Promise<void> {
  const layout = proxyLayout(dataDir)
  mkdirSync(layout.runDir, { recursive: true, mode: 0o700 })
  const self = required(identityOf(process.pid), 'own identity')
  const holder = { ...self, note: `proxy of ${layout.dataDir}` }
  if (option === '') await begin(layout, holder)
  else if (option === `--succeed=${handoverProtocol}`) await succeed(layout, holder)
  else process.stderr.write(`${option}: this proxy hands over by protocol ${handoverProtocol}\n`)
}

async function begin(layout: ProxyLayout, holder: ClaimHolder): Promise<void> {
  if (!claimFile(layout.lock, holder)) {
    const pid = claimHolder(layout.lock)?.pid
    process.stderr.write(`another proxy holds ${layout.dataDir}: pid ${pid}\n`)
    return
  }
  const { door } = openPlane(layout, holder)
  await door.listen()
}

/** Should the former proxy end before this one serves, or be told to, there is nothing to take. */
async function succeed(layout: ProxyLayout, holder: ClaimHolder): Promise<void> {
  const giveUp = () => process.exit(1)
  process.once('disconnect', giveUp)
  const { door, plane } = openPlane(layout, holder)
  const former = new FormerProxy({
    onConnection: ({ key, isHttp }, handle) => plane.inheritConnection(key, handle, isHttp),
    onIdle: (podUid) => door.formerPodIdle(podUid),
    onLast: (endpoints) => plane.inheritCounters(endpoints),
  })
  await door.takeOver(former, await former.estate())
  passClaim(layout.lock, holder)
  await door.listen()
  process.off('disconnect', giveUp)
  former.begun()
}

function openPlane(layout: ProxyLayout, holder: ClaimHolder) {
  const leave = () => leaveCompanion({ path: layout.lock, holder }, [layout.socket])
  const plane = new TrafficPlane((podUid) => door.podIdle(podUid))
  const look = () => {
    const isOrphan = claimHolder(layout.lock)?.pid !== process.pid
    if (isOrphan || door.isForgotten) leave()
  }
  const looking = setInterval(look, lookMs)
  const door: Door = new Door({
    plane,
    path: layout.socket,
    build: buildOf(process.argv.slice(1, 2)),
    dataDir: layout.dataDir,
    onEnd: leave,
    onHandedOver() {
      clearInterval(looking)
      setInterval(() => existsSync(layout.dataDir) || process.exit(0), lookMs)
    },
  })
  process.on('SIGTERM', leave)
  return { door, plane }
}

await main(required(process.argv[2], 'the data directory: proxy-main DATA_DIR'), process.argv[3])
