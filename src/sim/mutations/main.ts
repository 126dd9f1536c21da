import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'tsdown'
import { type Mutation, mutations } from './mutations.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** Seeds within which a mutation has to be caught. */
const seedsMax = 100

/** Runs the simulation over a copy of the engine with one mistake in it, for each mistake. */
async function main(): Promise<number> {
  const wanted = process.argv.slice(2).join(' ')
  const chosen = mutations.filter(({ name }) => name.includes(wanted))
  const width = Math.max(...chosen.map(({ name }) => name.length))
  let survivors = 0
  for (const mutation of chosen) {
    const outDir = `build/mutation`
    await bundle(mutation, outDir)
    const caught = await run(`${root}${outDir}/main.js`)
    if (!caught) survivors++
    process.stdout.write(`${mutation.name.padEnd(width)}  ${caught ?? 'NOT CAUGHT'}\n`)
  }
  process.stdout.write(`${chosen.length - survivors} of ${chosen.length} mutations are caught\n`)
  return survivors > 0 ? 1 : 0
}

async function bundle({ file, find, replacement }: Mutation, outDir: string): Promise<void> {
  let isDone = false
  await build({
    config: false,
    cwd: root,
    logLevel: 'silent',
    entry: { main: 'src/sim/main.ts' },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    dts: false,
    clean: true,
    fixedExtension: false,
    outDir,
    plugins: [
      {
        name: 'mutation',
        transform(code: string, id: string) {
          if (!id.endsWith(`/src/${file}`)) return undefined
          if (code.split(find).length !== 2) throw new Error(`${file} has not once: ${find}`)
          isDone = true
          return code.replace(find, () => replacement)
        },
      },
    ],
  })
  if (!isDone) throw new Error(`nothing imports ${file}`)
}

/** The first line that says what is broken; undefined when all is well. */
function run(program: string): Promise<string | undefined> {
  const options = ['--seeds', String(seedsMax), '--stop', '--quiet']
  const child = spawn(process.execPath, [program, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const [first] = output.split('\n')
      resolve(code === 1 ? first : undefined)
    })
  })
}

process.exitCode = await main()
