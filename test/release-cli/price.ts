import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a way back costs whoever goes it. */
export interface Price {
  readonly name: string
  /** That somebody has to type, one after the other. */
  readonly commands: number
  /** From the first one until the old version serves and Git agrees. */
  readonly seconds: number
}

export interface Way {
  readonly name: string
  /** Program and arguments; each must end well. */
  readonly commands: readonly (readonly string[])[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Resolves when it is so. */
  readonly until: () => Promise<void>
}

const run = promisify(execFile)

/** Goes it, with programs as a shell would start them. */
export async function priceOf({ name, commands, cwd, env, until }: Way): Promise<Price> {
  const startMs = performance.now()
  for (const [program = '', ...args] of commands) await run(program, args, { cwd, env })
  await until()
  return { name, commands: commands.length, seconds: (performance.now() - startMs) / 1000 }
}

export function priceTable(prices: readonly Price[]): string {
  const lines = prices.map(
    ({ name, commands, seconds }) =>
      `  ${name.padEnd(24)} ${String(commands).padStart(8)} ${seconds.toFixed(1).padStart(8)}`,
  )
  const heading = `  ${'way back'.padEnd(24)} commands  seconds`
  return `the price of a way back, until the old version serves and Git agrees:\n${[heading, ...lines].join('\n')}\n`
}
