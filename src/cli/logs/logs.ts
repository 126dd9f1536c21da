import { pods } from '../../api/scheme.ts'
import { requestPath } from '../../client/request-path.ts'
import { CliError } from '../cli-error.ts'
import { type Invocation, usageError } from '../kubectl-command.ts'
import { type Session, withSession } from '../session.ts'
import { containersOf, podsOf } from './log-targets.ts'
import type { LogsOptions, LogTarget } from './logs-options.ts'

/** `logs`: of one pod, of a pod of `TYPE/NAME`, or of all that a selector selects. */
export async function logs(invocation: Invocation): Promise<void> {
  const options = logsOptions(invocation)
  await withSession(invocation, async (session) => {
    const found = await podsOf(session, options)
    checkLimits(invocation)
    const targets = found.flatMap((pod) => containersOf(session, pod, options))
    if (targets.length === 0) {
      session.io.stderr.write(`No resources found in ${session.namespace} namespace.\n`)
    }
    if (!options.isFollowing) {
      for (const target of targets) await printLog(session, target, options)
      return
    }
    if (targets.length > options.followersMax) throw tooMany(targets.length, options)
    await Promise.all(targets.map((target) => printLog(session, target, options)))
  })
}

function logsOptions(invocation: Invocation): LogsOptions {
  const { flags, operands } = invocation
  const [what, container] = operands
  const selector = flags.text('selector')
  if (operands.length > 2 || (what === undefined && selector === '')) {
    throw usageError(
      invocation,
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    )
  }
  if (selector !== '' && what !== undefined) {
    throw usageError(invocation, 'only a selector (-l) or a POD name is allowed')
  }
  return {
    what,
    selector,
    container: container ?? flags.text('container'),
    isAllContainers: flags.boolean('all-containers'),
    isPrefixed: flags.boolean('prefix'),
    isFollowing: flags.boolean('follow'),
    followersMax: flags.integer('max-log-requests'),
    podTimeoutMs: flags.duration('pod-running-timeout'),
    query: queryOf(invocation),
  }
}

/** Checked when the pods are known, as upstream does. */
function checkLimits({ flags }: Invocation): void {
  if (flags.integer('tail') < -1) throw new CliError('--tail must be greater than or equal to -1')
  if (flags.has('since') && flags.has('since-time')) {
    throw new CliError('at most one of `sinceTime` or `sinceSeconds` may be specified')
  }
}

const selectedTail = 10

function queryOf({ flags }: Invocation): LogsOptions['query'] {
  const isSelecting = flags.text('selector') !== '' && !flags.has('tail')
  const tail = isSelecting ? selectedTail : flags.integer('tail')
  const sinceMs = flags.duration('since')
  return {
    follow: flags.boolean('follow') || undefined,
    previous: flags.boolean('previous') || undefined,
    timestamps: flags.boolean('timestamps') || undefined,
    tailLines: tail >= 0 ? tail : undefined,
    sinceSeconds: sinceMs > 0 ? Math.ceil(sinceMs / 1000) : undefined,
    sinceTime: flags.text('since-time') || undefined,
    limitBytes: flags.integer('limit-bytes') || undefined,
  }
}

function tooMany(count: number, { followersMax }: LogsOptions): CliError {
  return new CliError(
    `you are attempting to follow ${count} log streams, but maximum allowed concurrency is ${followersMax}, use --max-log-requests to increase the limit`,
  )
}

async function printLog(
  { transport, io }: Session,
  { pod, container }: LogTarget,
  { query, isPrefixed }: LogsOptions,
): Promise<void> {
  const { name = '', namespace } = pod.metadata
  const place = { namespace, name, subresource: 'log' }
  const path = requestPath(pods, place, { ...query, container })
  const chunks = transport.stream(path, io.signal)
  if (!isPrefixed) {
    for await (const chunk of chunks) io.stdout.write(chunk)
    return
  }
  const prefix = `[pod/${name}/${container}] `
  for await (const line of lines(chunks)) io.stdout.write(`${prefix}${line}\n`)
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}
