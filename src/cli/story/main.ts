import { parseArgs } from 'node:util'
import { processIo } from '../process-io.ts'
import { tellStory } from './story.ts'

const usage = `usage: npm start -- [--exit] [--data DIR]
       npm start -- --image-prefix P [--context C] [--kubeconfig F] [--yes] [--exit]

Tells the story of a rollout, of a way back, and of a way back that lasts; on an engine of its own, or in
a namespace of its own on any cluster, which is deleted afterwards.

  --exit             end after the last step: 0 if every step held and no request was dropped
  --data DIR         keep the engine's data there; else they go with the story
  --image-prefix P   the cluster pulls P/app:1.0.0, 1.1.0 and 1.2.0: examples/story-app says how they are built
  --context C        this context, of F, $KUBECONFIG or ~/.kube/config
  --kubeconfig F     this file's cluster
  --yes              change it without asking
`

const options = {
  exit: { type: 'boolean' },
  data: { type: 'string' },
  'image-prefix': { type: 'string' },
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
  yes: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({ args, options })
    const isForeign = values.context !== undefined || values.kubeconfig !== undefined
    const imagePrefix = values['image-prefix']
    if (isForeign && imagePrefix === undefined) {
      throw new Error('another cluster has to pull the images: --image-prefix says from where')
    }
    if (imagePrefix !== undefined && values.data !== undefined) {
      throw new Error('--data is for an engine of the story itself')
    }
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
  const given = readOptions(process.argv.slice(2))
  if (given === undefined || given.help) {
    process.stdout.write(usage)
    return given ? 0 : 2
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
  const { context, kubeconfig } = given
  const imagePrefix = given['image-prefix']
  return tellStory({
    io,
    cli: processIo(),
    isToExit: given.exit === true,
    dataDir: given.data,
    foreign:
      imagePrefix === undefined
        ? undefined
        : { context, kubeconfig, imagePrefix, isYes: given.yes === true },
    signal: untilSignal(),
  })
}

process.exitCode = await main()
