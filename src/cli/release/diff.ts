import { resolveCommit } from '../../git/commit-facts.ts'
import {
  diffSnapshots,
  type Snapshot,
  snapshotOfCommit,
  snapshotOfLive,
  snapshotOfRelease,
} from '../../release/diff.ts'
import { planRecord } from '../../release/record/recorder.ts'
import type { Release } from '../../release/record/release.ts'
import { ReleaseError } from '../../release/release-error.ts'
import { parseReleaseLabel, releaseLabel } from '../../release/release-label.ts'
import type { Invocation } from '../kubectl-command.ts'
import { colorsFor } from './colors.ts'
import { diffText } from './diff-text.ts'
import { printValue } from './print-value.ts'
import { type ReleaseSession, shownHead, withWorkload } from './release-session.ts'
import { outputForm, wrongUse } from './usage.ts'
import { workloadOperand } from './workload-operand.ts'

/**
 * `astern diff KIND/NAME [FROM [TO]]`: each a release, a commit, a tag, a time, `git` (the head of
 * the deploy branch) or `live`. By default the release before the last one, and live.
 */
export async function diff(invocation: Invocation): Promise<void> {
  const form = outputForm(invocation, ['json', 'yaml'])
  const [from, to = 'live', ...more] = workloadOperand(invocation).rest
  if (more.length > 0) throw wrongUse(invocation, 'two states are compared, not more')
  await withWorkload(invocation, async (session) => {
    const { io, observed } = session
    const before = from ?? defaultFrom(observed.releases)
    const found = diffSnapshots(await snapshot(session, before), await snapshot(session, to))
    if (form === 'json' || form === 'yaml') return printValue(io, form, found)
    io.stdout.write(diffText(found, colorsFor(io)))
  })
}

function defaultFrom(releases: readonly Release[]): string {
  const before = releases.at(-2)
  if (before) return releaseLabel(before.number)
  const hint = 'name two: releases, commits, `git` or `live`'
  throw new ReleaseError('there is no release before this one to compare with', hint)
}

async function snapshot(session: ReleaseSession, name: string): Promise<Snapshot> {
  const { transport, observed, workload, found } = session
  if (name === 'live') return liveSnapshot(session)
  const number = parseReleaseLabel(name)
  if (number !== undefined) {
    const release = observed.releases.find((each) => each.number === number)
    if (!release) throw new ReleaseError(`there is no release ${name}`)
    return snapshotOfRelease(transport, observed.object, release)
  }
  if (!found) {
    const message = `${name} names a commit, but the workload is in no repository here`
    throw new ReleaseError(message, 'run it in the work tree, or name its path with -f')
  }
  const head = await shownHead(session, found)
  const { app } = found
  const commit = name === 'git' ? head : await resolveCommit(app.repository, name, head)
  return snapshotOfCommit(app, commit, workload)
}

/** Secrets are hashed as they would be recorded now. */
async function liveSnapshot({ context, transport, observed }: ReleaseSession): Promise<Snapshot> {
  const unrecorded = { ...observed, releases: [] }
  const { create } = await planRecord({ context, transport }, unrecorded)
  return snapshotOfLive(observed, create?.secrets ?? [])
}
