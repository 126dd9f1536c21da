import { qualifiedKind } from '../../api/resource.ts'
import type { RolloutReport } from '../../rollout/rollout-status.ts'
import { reportWorkload } from '../../rollout/set-rollout-status.ts'
import { isDeployment, type Workload } from '../../rollout/workload.ts'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import type { Session } from '../session.ts'
import { followWorkload } from './follow-workload.ts'
import type { RolloutPicture } from './picture.ts'
import { forEachRollout, type RolloutVisit, workloadOf } from './rollout-items.ts'

interface Options {
  readonly isWatching: boolean
  /** 0: without limit. */
  readonly timeoutMs: number
  /** 0: whichever runs. */
  readonly revision: bigint
  readonly picture: RolloutPicture | undefined
}

/**
 * `rollout status` (G-30..3D): a line for each change until the rollout is over. On a terminal
 * `picture` may draw it instead.
 */
export async function rolloutStatus(
  invocation: Invocation,
  picture?: RolloutPicture,
): Promise<void> {
  const options = statusOptions(invocation, picture)
  const visit: RolloutVisit['visit'] = async (session, item) => {
    const kind = qualifiedKind(item.resource)
    const refusal = `no status viewer has been implemented for ${kind}`
    const workload = workloadOf(item, refusal)
    if (options.isWatching) return follow(session, workload, options)
    const report = reportWorkload(workload, options.revision)
    if (report.outcome === 'failed') throw new CliError(report.message)
    session.io.stdout.write(`${report.message}\n`)
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: true })
}

function statusOptions({ flags, io }: Invocation, picture: RolloutPicture | undefined): Options {
  const revision = BigInt(flags.text('revision'))
  if (revision < 0n) throw new CliError(`revision must be a positive integer: ${revision}`)
  return {
    isWatching: flags.boolean('watch'),
    timeoutMs: flags.duration('timeout'),
    revision,
    picture: io.isTerminal ? picture : undefined,
  }
}

/** Until the rollout is done or cannot be any more, the time is over, or the user leaves. */
async function follow(
  session: Session,
  workload: Workload,
  { timeoutMs, revision, picture }: Options,
): Promise<void> {
  const { io } = session
  const drawing = isDeployment(workload)
    ? picture?.({ io, session, deployment: workload })
    : undefined
  let last: RolloutReport | undefined
  const see = (seen: Workload): boolean => {
    last = reportWorkload(seen, revision)
    if (drawing && isDeployment(seen)) drawing.show(seen, last)
    else if (last.outcome !== 'failed') io.stdout.write(`${last.message}\n`)
    return last.outcome !== 'waiting'
  }
  let end: Awaited<ReturnType<typeof followWorkload>>
  try {
    end = await followWorkload(session, workload, { timeoutMs, see })
  } finally {
    await drawing?.end()
  }
  if (end === 'deleted') throw new CliError('object has been deleted')
  if (end === 'timeout') throw new CliError('timed out waiting for the condition')
  if (last?.outcome === 'failed') throw new CliError(last.message)
  if (drawing && last?.outcome === 'done') io.stdout.write(`${last.message}\n`)
}
