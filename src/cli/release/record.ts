import { once } from 'node:events'
import { type Context, systemContext } from '../../base/context.ts'
import { createInformers } from '../../client/informers.ts'
import { createEventRecorder } from '../../client/recorder.ts'
import { releaseRecorders } from '../../controllers/release-recorder/controller.ts'
import { recordRelease } from '../../release/record/recorder.ts'
import { NoWorkload } from '../../release/release-error.ts'
import { releaseLabel } from '../../release/release-label.ts'
import type { Invocation } from '../kubectl-command.ts'
import { type Session, withSession } from '../session.ts'
import { announceCluster } from './cluster-notice.ts'
import { wrongUse } from './usage.ts'
import {
  type WorkloadOperand,
  workloadOf,
  workloadOperand,
  workloadText,
} from './workload-operand.ts'

/**
 * `astern record`: keeps the records that the embedded engine keeps by itself, until the user
 * leaves; of a workload that is named, what is to be recorded now.
 */
export async function record(invocation: Invocation): Promise<void> {
  const { flags, operands } = invocation
  const named = operands.length === 0 ? undefined : workloadOperand(invocation)
  if (named && (named.rest.length > 0 || flags.boolean('all-namespaces'))) {
    throw wrongUse(invocation, 'record takes one workload, or none for all')
  }
  await withSession(invocation, async (session) => {
    const isEmbedded = await announceCluster(session, flags)
    const context = { ...systemContext(), clock: session.io.clock }
    if (named) return recordOne(session, context, named)
    if (isEmbedded) {
      session.io.stderr.write('the embedded engine keeps the records by itself\n')
      return
    }
    await keepRecording(session, context, flags.boolean('all-namespaces'))
  })
}

async function recordOne(
  session: Session,
  context: Context,
  named: WorkloadOperand,
): Promise<void> {
  const { transport, io, namespace } = session
  const workload = workloadOf(namespace, named)
  const observed = await recordRelease({ context, transport }, workload)
  const last = observed?.releases.at(-1)
  if (!observed) throw new NoWorkload(`there is no ${workloadText(workload)} in ${namespace}`)
  const label = last ? releaseLabel(last.number) : 'nothing'
  io.stdout.write(`${workloadText(workload)} ${label} ${last?.health ?? 'unknown'}\n`)
}

async function keepRecording(
  { transport, io, namespace }: Session,
  context: Context,
  isEverywhere: boolean,
): Promise<void> {
  const where = isEverywhere ? {} : { namespace }
  const informers = createInformers(context, transport, where)
  const recorder = createEventRecorder(context, { transport, component: 'astern' })
  const controllers = releaseRecorders({ context, transport, informers, recorder })
  await informers.start()
  for (const controller of controllers) controller.start()
  const kinds = 'Deployments, StatefulSets and DaemonSets'
  const what = isEverywhere ? 'all namespaces' : `the namespace ${namespace}`
  io.stderr.write(`recording the releases of ${kinds} in ${what}; Ctrl-C ends it\n`)
  if (!io.signal.aborted) await once(io.signal, 'abort')
  await Promise.all(controllers.map((controller) => controller.stop()))
  await recorder.idle()
  await informers.stop()
}
