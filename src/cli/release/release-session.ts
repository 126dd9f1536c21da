import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { type Context, systemContext } from '../../base/context.ts'
import { isGitError } from '../../git/git-error.ts'
import { type ObservedWorkload, observeWorkload } from '../../release/observe-workload.ts'
import { type Provenance, writingOf } from '../../release/provenance.ts'
import { onlookerPatienceMs, recordRelease } from '../../release/record/recorder.ts'
import type { WorkloadKey } from '../../release/record/release.ts'
import { NoWorkload } from '../../release/release-error.ts'
import { knownHead, newestHead } from '../../release/rollback/git-step.ts'
import type { ImageLookup } from '../../release/rollback/guard-facts.ts'
import type { Invocation } from '../kubectl-command.ts'
import { type Session, withSession } from '../session.ts'
import { type FoundApp, findApp } from './app-paths.ts'
import { isEmbeddedEngine } from './cluster-notice.ts'
import { imageLookup } from './image-lookup.ts'
import { workloadOf, workloadOperand, workloadText } from './workload-operand.ts'

/** A command about one workload: connected, and the workload looked at. */
export interface ReleaseSession extends Session {
  readonly context: Context
  readonly transport: Session['transport']
  readonly workload: WorkloadKey
  readonly observed: ObservedWorkload
  /** Absent: the working directory is in no repository that has the workload. */
  readonly found: FoundApp | undefined
  /** Absent: nobody here knows images. */
  readonly lookUpImage: ImageLookup | undefined
}

export interface ReleaseSessionOptions {
  /** Called when there is a connection, before anything is read or written. */
  readonly announce?: (session: Session) => Promise<boolean>
}

/**
 * Runs `work` for the workload that the operands name. Rejects with NoWorkload where there is none.
 */
export async function withWorkload(
  invocation: Invocation,
  work: (session: ReleaseSession) => Promise<void>,
  { announce = isEmbeddedEngine }: ReleaseSessionOptions = {},
): Promise<void> {
  const operand = workloadOperand(invocation)
  await withSession(invocation, async (session) => {
    const isEmbedded = await announce(session)
    const workload = workloadOf(session.namespace, operand)
    const context = { ...systemContext(), clock: session.io.clock }
    const observed = await look({ context, transport: session.transport }, workload, isEmbedded)
    const provenance = knownProvenance(observed)
    const { flags } = invocation
    const [path, kustomization] = [flags.text('filename'), flags.text('kustomize')]
    const found = await findApp(session.io, { workload, path, kustomization, provenance })
    const lookUpImage = await imageLookup(session, invocation.flags)
    await work({ ...session, context, workload, observed, found, lookUpImage })
  })
}

/**
 * The workload as it is now. What is seen is recorded, too, where records are kept: on the embedded
 * engine, and of a workload that has some.
 */
async function look(
  recording: { readonly context: Context; readonly transport: Transport },
  workload: WorkloadKey,
  isEmbedded: boolean,
): Promise<ObservedWorkload> {
  const observed = await observeWorkload(recording.transport, workload)
  if (!observed) {
    const what = `${workloadText(workload)} in the namespace ${workload.namespace}`
    throw new NoWorkload(`there is no ${what}`)
  }
  if (observed.releases.length === 0 && !isEmbedded) return observed
  try {
    return (
      (await recordRelease({ ...recording, patienceMs: onlookerPatienceMs }, workload)) ?? observed
    )
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) return observed
    throw error
  }
}

/** The newest thing that is known of where a workload comes from, be it what runs now or not. */
export function knownProvenance(observed: ObservedWorkload): Provenance | undefined {
  const { object, template, releases } = observed
  const said = writingOf(object.metadata.annotations, template)?.provenance
  const all = [...releases.map(({ provenance }) => provenance), said]
  return all.reverse().find((each) => each?.path !== undefined)
}

/**
 * The newest commit of the deploy branch; what is known here, with a warning, when it cannot be
 * asked.
 */
export async function shownHead(
  { io }: Pick<Session, 'io'>,
  { app: { repository }, deploy }: FoundApp,
): Promise<string> {
  try {
    return await newestHead(repository, deploy)
  } catch (error) {
    if (!isGitError(error, 'no-remote')) throw error
    io.stderr.write(`Warning: ${error.message}; what this clone knows is shown\n`)
    return knownHead(repository, deploy)
  }
}
