import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { DataDirectory } from './data-directory.ts'

export type RuntimeName = 'process' | 'simulated'

/** What is fixed for a data directory at its first `up` (design: service addresses). */
export interface Settings {
  readonly runtime: RuntimeName
  readonly serviceCidr: string
}

/** The data were made for something else; the message says what to do. */
export class SettingsConflict extends Error {
  override readonly name = 'SettingsConflict'
}

const formatVersion = 1

/** A 127.x.0.0/16 of the directory's own, so that engines of one machine rarely share addresses. */
function serviceCidrFor(path: string): string {
  const digest = createHash('sha256').update(path).digest()
  return `127.${64 + ((digest[0] as number) % 180)}.0.0/16`
}

/** Reads the settings, or fixes them now; what is asked for must agree with what is there. */
export function fixSettings(directory: DataDirectory, asked: Partial<Settings>): Settings {
  if (existsSync(directory.settings)) return agree(directory, read(directory.settings), asked)
  const settings: Settings = {
    runtime: asked.runtime ?? 'process',
    serviceCidr: asked.serviceCidr ?? serviceCidrFor(directory.path),
  }
  const text = JSON.stringify({ format: formatVersion, ...settings }, null, 2)
  writeFileSync(directory.settings, `${text}\n`, { mode: 0o600 })
  return settings
}

function read(path: string): Settings {
  const { format, runtime, serviceCidr } = JSON.parse(readFileSync(path, 'utf8'))
  if (format === formatVersion) return { runtime, serviceCidr }
  throw new SettingsConflict(
    `${path} has format ${format}, this version of Astern reads format ${formatVersion}; use the version that wrote it, or a newer one`,
  )
}

function agree({ path }: DataDirectory, kept: Settings, asked: Partial<Settings>): Settings {
  const differing = (['runtime', 'serviceCidr'] as const).find(
    (name) => asked[name] !== undefined && asked[name] !== kept[name],
  )
  if (differing === undefined) return kept
  const flag = { runtime: '--runtime', serviceCidr: '--service-cidr' }[differing]
  throw new SettingsConflict(
    `${path} was made with ${flag} ${kept[differing]}, and pods and Services there depend on it; leave ${flag} ${asked[differing]} out, or use another directory with --data`,
  )
}
