/**
 * `npm run tidy`: the architecture and the budgets as a check. Prints every fault; exit 1 if there
 * is one.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ambientFaults } from './ambient.ts'
import { budgetFaults, nameFaults } from './budgets.ts'
import { documentFaults } from './documents.ts'
import { readSourceTree } from './source-tree.ts'
import { cycleFaults, deadFileFaults, layerFaults } from './structure.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What is started by itself: the library, the commands, the processes of the data plane. */
const entries = [
  'src/sim/main.ts',
  'src/sim/mutations/main.ts',
  'src/cluster/index.ts',
  'src/cli/main.ts',
  'src/cli/story/main.ts',
  'src/proxy/process/main.ts',
  'src/node/runtimes/process/shim/main.ts',
  'src/cluster/leash-main.ts',
  // For tests in virtual time, and for the simulation.
  'src/base/virtual-clock.ts',
]

function documents(): readonly string[] {
  const options = { cwd: root, encoding: 'utf8' } as const
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], options)
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)))
}

const files = readSourceTree(root, ['src', 'test', 'tools', 'examples'])
const exists = (path: string) => existsSync(join(root, path))
const faults = [
  ...layerFaults(files.filter(({ path }) => !path.endsWith('.test.ts'))),
  ...cycleFaults(files),
  ...deadFileFaults(files, entries),
  ...files.flatMap((file) => [...budgetFaults(file), ...nameFaults(file), ...ambientFaults(file)]),
  ...documents().flatMap((path) =>
    documentFaults(path, readFileSync(join(root, path), 'utf8'), exists),
  ),
]
for (const fault of faults) console.error(fault)
console.error(faults.length === 0 ? `tidy: ${files.length} files` : `tidy: ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
