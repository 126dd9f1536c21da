import { readdir, readFile, readlink } from 'node:fs/promises'

export interface PortHolder {
  readonly pid: number
  /** The command line, arguments separated by spaces. */
  readonly command: string
}

const listenState = '0A'

/**
 * Inodes of the sockets that listen on `port`: rows of /proc/net/tcp are `sl local_address
 * rem_address st ... inode`.
 */
function listenersIn(table: string, port: number): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  return table.split('\n').flatMap((row) => {
    const columns = row.trim().split(/\s+/)
    const [, local = '', , state] = columns
    const inode = columns[9]
    const isListener = state === listenState && local.endsWith(`:${hexPort}`)
    return isListener && inode !== undefined ? [inode] : []
  })
}

async function readTable(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

async function holdsSocket(pid: string, links: ReadonlySet<string>): Promise<boolean> {
  const dir = `/proc/${pid}/fd`
  const descriptors = await readdir(dir).catch(() => [])
  for (const descriptor of descriptors) {
    if (links.has(await readlink(`${dir}/${descriptor}`).catch(() => ''))) return true
  }
  return false
}

/**
 * Which process listens on a TCP port of this machine; undefined where that cannot be found out
 * (no /proc, another user's process).
 */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable))
  const inodes = tables.flatMap((table) => listenersIn(table, port))
  if (inodes.length === 0) return undefined
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`))
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    if (!(await holdsSocket(pid, links))) continue
    const command = await readTable(`/proc/${pid}/cmdline`)
    return { pid: Number(pid), command: command.replaceAll('\0', ' ').trim() }
  }
  return undefined
}
