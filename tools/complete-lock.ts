/**
 * `npm run lock`: completes package-lock.json after dependencies have changed. A registry that does
 * not offer the packages of other platforms makes npm leave these out of the lock, and `npm ci`
 * then refuses it on every machine. What is missing is added by name and version; its platform is
 * read from its name.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface LockEntry {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

interface Lock {
  readonly packages: Record<string, LockEntry>
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']

/** What npm compares with the machine before it installs an optional package. */
function platformOf(name: string): { os: string[]; cpu: string[]; libc?: string[] } | undefined {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-')
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) return undefined
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'
  return { os: [os], cpu: [cpu], ...(os === 'linux' && { libc: [libc] }) }
}

function missingFrom({ packages }: Lock): readonly (readonly [string, LockEntry])[] {
  return Object.values(packages).flatMap(({ optionalDependencies = {}, dev }) =>
    Object.entries(optionalDependencies).flatMap(([name, version]) => {
      const path = `node_modules/${name}`
      const platform = platformOf(name)
      if (path in packages || !platform) return []
      const entry = { version, ...platform, ...(dev && { dev }), optional: true }
      return [[path, entry] as const]
    }),
  )
}

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url))
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
const missing = missingFrom(lock)
const sorted = Object.entries(lock.packages)
  .concat(missing as [string, LockEntry][])
  .sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(
  file,
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
)
console.error(`lock: ${missing.length} packages of other platforms added`)
