import { chmod, lchown, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../../api/generated/types.ts'

/** Group and directory bits of what a group is to read, and go through, as a kubelet sets them. */
const directoryBits = 0o2550
const fileBits = 0o440

/** The pod's fsGroup, where whoever runs the engine can give files away. */
export function volumeGroup({ spec }: Pod): number | undefined {
  const { fsGroup } = spec?.securityContext ?? {}
  return fsGroup === undefined || process.getuid?.() !== 0 ? undefined : Number(fsGroup)
}

/** Permissions of a volume's file, so that the group can read it. */
export function groupReadable(mode: number): number {
  return mode | fileBits
}

/** Gives a directory and all that is in it to the group; what comes into it later is its, too. */
export async function giveToGroup(dir: string, group: number): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) await giveToGroup(path, group)
    else await lchown(path, (await stat(path)).uid, group)
  }
  const { uid, mode } = await stat(dir)
  await lchown(dir, uid, group)
  await chmod(dir, (mode & 0o7777) | directoryBits)
}
