import { readdir, readFile, readlink } from 'node:fs/promises'
import { isIPv4 } from 'node:net'

export interface PortHolder {
  readonly pid: number
  /** The command line, arguments separated by spaces. */
  readonly command: string
}

const listenState = '0A'

/**
 * Inodes of the sockets that listen on `port`: rows of /proc/net/tcp are `sl local_address
 * rem_address st ... inode`. With `address`, an IPv4 one, only those that stand in its way.
 */
export function listenersIn(table: string, port: number, address?: string): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  return table.split('\n').flatMap((row) => {
    const columns = row.trim().split(/\s+/)
    const [, local = '', , state] = columns
    const inode = columns[9]
    const [hexAddress = '', localPort] = local.split(':')
    if (state !== listenState || localPort !== hexPort || inode === undefined) return []
    return address === undefined || covers(hexAddress, address) ? [inode] : []
  })
}

/** Whether a listener on `hexAddress` (the kernel's byte order) also holds the IPv4 `address`. */
function covers(hexAddress: string, address: string): boolean {
  if (/^0+$/.test(hexAddress) || !isIPv4(address)) return true
  const hex = address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('')
  return hexAddress.slice(-8) === hex
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
 * Which process listens on a TCP port of this machine, on `address` if one is given; undefined
 * where that cannot be found out (no /proc, another user's process).
 */
export async function findPortHolder(
  port: number,
  address?: string,
): Promise<PortHolder | undefined> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable))
  const inodes = tables.flatMap((table) => listenersIn(table, port, address))
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
