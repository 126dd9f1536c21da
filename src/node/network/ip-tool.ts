import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../find-tool.ts'
import { runTool } from './run-tool.ts'

const toolPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const namespacesDir = '/run/netns'
/** What statfs(2) says of a network namespace that is held by a file. */
const namespaceFileSystem = 0x6e73_6673

/** The path of ip(8) of iproute2; '' where it is not installed. */
export function ipTool(): string {
  return findTool('ip', toolPath)
}

function ip(...args: readonly string[]): Promise<string> {
  return runTool(ipTool(), args)
}

/** Names what belongs to one data directory on a machine that has several. */
export function markOf(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
}

/**
 * The network namespaces of one data directory's pods, each held by a file in /run/netns, so that
 * `ip netns` shows them and they need no process.
 */
export class NetworkNamespaces {
  readonly #prefix: string
  #lastAdded: Promise<unknown> = Promise.resolve()

  constructor(dataDir: string) {
    this.#prefix = `astern-${markOf(dataDir)}-`
  }

  pathOf(podUid: string): string {
    return join(namespacesDir, this.#nameOf(podUid))
  }

  /** False after a reboot, or when somebody has taken it away. */
  exists(podUid: string): boolean {
    const path = this.pathOf(podUid)
    return existsSync(path) && statfsSync(path).type === namespaceFileSystem
  }

  /** One after the other: the first one ever makes the directory a mount. */
  add(podUid: string): Promise<void> {
    const added = this.#lastAdded.then(async () => {
      if (!this.exists(podUid)) await ip('netns', 'add', this.#nameOf(podUid))
    })
    this.#lastAdded = added.catch(() => {})
    return added
  }

  async remove(podUid: string): Promise<void> {
    if (existsSync(this.pathOf(podUid))) await ip('netns', 'delete', this.#nameOf(podUid))
  }

  /** The pods that have one. */
  all(): readonly string[] {
    if (!existsSync(namespacesDir)) return []
    const names = readdirSync(namespacesDir).filter((name) => name.startsWith(this.#prefix))
    return names.map((name) => name.slice(this.#prefix.length))
  }

  #nameOf(podUid: string): string {
    return `${this.#prefix}${podUid}`
  }
}

/**
 * Makes every address of a range one of this machine's own, so that the proxy can listen there and
 * pods that send what they do not know to this machine arrive.
 */
export async function addLocalRange(cidr: string): Promise<void> {
  await ip('route', 'replace', 'local', cidr, 'dev', 'lo')
}

/** Nothing happens where it is gone already. */
export async function removeLocalRange(cidr: string): Promise<void> {
  await ip('route', 'delete', 'local', cidr, 'dev', 'lo').catch(() => {})
}

export async function removeLink(name: string): Promise<void> {
  if (existsSync(join('/sys/class/net', name))) await ip('link', 'delete', name)
}

interface Route {
  readonly dst?: string
}

/** Every range that this machine has a route to, but for the default one. */
export async function routedRanges(): Promise<readonly string[]> {
  const text = await ip('-json', '-4', 'route', 'show', 'table', 'all')
  const routes = JSON.parse(text || '[]') as readonly Route[]
  return routes.flatMap(({ dst }) => (dst === undefined || dst === 'default' ? [] : [dst]))
}
