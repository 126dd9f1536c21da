import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { timestamp } from '../../base/clock.ts'
import { debtChanges } from '../../release/record/record-object.ts'
import { annotateRelease, recordRelease } from '../../release/record/recorder.ts'
import type { GitDebt } from '../../release/record/release.ts'
import { commitRollback, type GitOutcome } from '../../release/rollback/git-step.ts'
import { personAt } from '../apply/sign.ts'
import type { Invocation } from '../kubectl-command.ts'
import { neededApp } from './compared-commit.ts'
import type { ReleaseSession } from './release-session.ts'
import { publishOf } from './rollback-options.ts'

/**
 * `drift --adopt`: the template that runs and the configuration it reads are written to Git, and
 * nothing else of the files changes. What else differs stays and is told by who looks again.
 */
export async function adopt(invocation: Invocation, session: ReleaseSession): Promise<GitOutcome> {
  const { io, context, workload, observed } = session
  const { app, deploy } = neededApp(session)
  const reason = invocation.flags.text('reason')
  const by = await personAt(io, app.repository)
  const publish = publishOf(invocation)
  const outcome = await commitRollback({
    repository: app.repository,
    git: { paths: app.paths, deploy, publish, restoreFrom: undefined },
    workload,
    kustomize: app,
    template: observed.template,
    configuration: observed.configMaps,
    subject: `Adopt what runs of ${workload.name}${reason ? `: ${reason}` : ''}`,
    trailers: [
      ...(by ? [{ key: 'Adopted-by', value: by }] : []),
      ...(reason ? [{ key: 'Adopted-reason', value: reason }] : []),
    ],
    operation: context.ids.uid(),
  })
  const file = invocation.flags.text('patch')
  if (outcome.patch !== undefined && file === '-') io.stdout.write(outcome.patch)
  else if (outcome.patch !== undefined) await writeFile(resolve(io.cwd, file), outcome.patch)
  await noteDebt(session, outcome, reason)
  return outcome
}

/** Where the commit waits, Git is owed until everybody has it. */
async function noteDebt(
  session: ReleaseSession,
  { commit, waitsIn }: GitOutcome,
  reason: string,
): Promise<void> {
  const { context, transport, workload } = session
  const observed = await recordRelease({ context, transport }, workload)
  const last = observed?.releases.at(-1)
  if (!observed || !last || waitsIn === undefined) return
  const debt: GitDebt = {
    since: timestamp(context.clock.now()),
    paths: neededApp(session).app.paths,
    waitsIn,
    ...(commit && { commit }),
    ...(reason && { reason }),
  }
  await annotateRelease(transport, observed.object, {
    release: last,
    changes: debtChanges(debt),
  })
}
