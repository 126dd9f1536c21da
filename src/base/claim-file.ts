import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isAlive, isErrno, type ProcessIdentity } from './process-identity.ts'

/** Who holds a claim, and what for: `note` is for people who read the file or an error about it. */
export interface ClaimHolder extends ProcessIdentity {
  readonly note: string
}

/** undefined when nobody has claimed `path`, or what is there cannot be read as a claim. */
export function claimHolder(path: string): ClaimHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClaimHolder
  } catch {
    return undefined
  }
}

/**
 * Claims `path` for a process, for as long as it lives; false when a living process, be it the same
 * one, holds it. A claim whose holder is dead is taken over. Whole or not there at all: the file is
 * written aside and linked into place.
 */
export function claimFile(path: string, holder: ClaimHolder): boolean {
  const draft = `${path}.${process.pid}.draft`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  try {
    if (tryLink(draft, path)) return true
    return removeStaleClaim(path) && tryLink(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * The claim passes, in one step, to a process that its holder has named: at no time is it free. The
 * caller knows that it was named.
 */
export function passClaim(path: string, to: ClaimHolder): void {
  const draft = `${path}.${process.pid}.draft`
  writeFileSync(draft, JSON.stringify(to), { mode: 0o600 })
  renameSync(draft, path)
}

/** Like `claimFile`, but a claim that is the holder's already is fine. */
export function keepClaim(path: string, holder: ClaimHolder): boolean {
  return isSame(claimHolder(path), holder) || claimFile(path, holder)
}

export function releaseClaim(path: string, holder: ClaimHolder): void {
  if (isSame(claimHolder(path), holder)) rmSync(path, { force: true })
}

export function isHeld(path: string): boolean {
  const holder = claimHolder(path)
  return holder !== undefined && isAlive(holder)
}

/**
 * Moves a dead holder's claim away. What was moved is looked at again: between look and move
 * another process may have taken over, and its fresh claim must be put back.
 */
function removeStaleClaim(path: string): boolean {
  if (isHeld(path)) return false
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return true
    throw error
  }
  const isStale = !isHeld(aside)
  if (!isStale) tryLink(aside, path)
  rmSync(aside, { force: true })
  return isStale
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

function isSame(a: ClaimHolder | undefined, b: ClaimHolder): boolean {
  return a?.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId
}
