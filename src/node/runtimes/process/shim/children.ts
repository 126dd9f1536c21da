import { readdirSync } from 'node:fs'
import { readProcessStat } from '../../../../base/process-identity.ts'

/** The first child of a process that lives; undefined when it has none. */
export function childOf(parent: number): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const child = pids.find((pid) => readProcessStat(pid)?.parent === parent)
  return child === undefined ? undefined : Number(child)
}

/** The child of the child of …, so many times; undefined when one of them has none. */
export function descendantOf(pid: number | undefined, generations: number): number | undefined {
  if (generations === 0 || pid === undefined) return pid
  return descendantOf(childOf(pid), generations - 1)
}
