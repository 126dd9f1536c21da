import { parseArgs } from 'node:util'
import { tellStory } from './story.ts'

const usage = `usage: npm start -- [--exit] [--data DIR]

Tells the story of a rollout and of a way back, on an engine of its own.

  --exit        end after the last step: 0 if every step held and no request was dropped
  --data DIR    keep the engine's data there; else they go with the story
`

function readOptions(
  args: string[],
): { exit?: boolean; data?: string; help?: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: { exit: { type: 'boolean' }, data: { type: 'string' }, help: { type: 'boolean' } },
    })
    return values
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n`)
    return undefined
  }
}

/** The first signal ends the story in order, a second one leaves at once. */
function untilSignal(): AbortSignal {
  const aborter = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => (aborter.signal.aborted ? process.exit(130) : aborter.abort()))
  }
  return aborter.signal
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined || options.help) {
    process.stdout.write(usage)
    return options ? 0 : 2
  }
  const { stdout, env } = process
  const io = {
    stdout,
    env,
    isTerminal: stdout.isTTY === true,
    get columns() {
      return stdout.columns ?? 80
    },
    get rows() {
      return stdout.rows
    },
  }
  return tellStory({
    io,
    isToExit: options.exit === true,
    dataDir: options.data,
    signal: untilSignal(),
  })
}

process.exitCode = await main()
