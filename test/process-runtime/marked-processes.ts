import { readdirSync, readFileSync } from 'node:fs'
import { startTimeOf } from '../../src/base/process-identity.ts'

/** Pids of the living processes that carry a container's marker, its supervisor included. */
export function markedProcesses(containerId: string): number[] {
  const marker = `ASTERN_CONTAINER_ID=${containerId.replace('process://', '')}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => startTimeOf(pid) !== undefined && environmentOf(pid).includes(marker))
}

export function isRunning(pid: number): boolean {
  return startTimeOf(pid) !== undefined
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}
