import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isErrno } from '../../../base/process-identity.ts'

/** A container's log is kept in files of about this size, as a kubelet keeps it by default … */
export const logFileBytesMax = 10 * 1024 * 1024
/** … and of so many of them, the one that is written included. */
const filesMax = 5

/** The file before the present one is 1. */
function nth(path: string, n: number): string {
  return n === 0 ? path : `${path}.${n}`
}

/** Puts the present file behind; the oldest goes. Nobody may be writing to it any more. */
export function rotate(path: string): void {
  for (let n = filesMax - 2; n >= 0; n--) {
    if (existsSync(nth(path, n))) renameSync(nth(path, n), nth(path, n + 1))
  }
}

export function deleteLog(path: string): void {
  for (let n = 0; n < filesMax; n++) rmSync(nth(path, n), { force: true })
}

/** Opens the `n`th file; undefined when it is not there. */
export async function openNth(path: string, n: number): Promise<FileHandle | undefined> {
  try {
    return await open(nth(path, n), 'r')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** How many files there are: the oldest is this minus one. */
export function countFiles(path: string): number {
  let count = 0
  while (count < filesMax && existsSync(nth(path, count))) count++
  return count
}

/**
 * How many files newer than the open one there are: 0 for the present one. One that has been
 * deleted meanwhile counts as older than all.
 */
export async function newerFiles(path: string, file: FileHandle): Promise<number> {
  const { ino } = await file.stat()
  for (let n = 0; n < filesMax; n++) {
    if (statSync(nth(path, n), { throwIfNoEntry: false })?.ino === ino) return n
  }
  return countFiles(path)
}
