import type { Wanted } from '../../release/rollback/find-target.ts'
import type { Publish } from '../../release/rollback/git-step.ts'
import type { Invocation } from '../kubectl-command.ts'
import { type OutputForm, outputForm, wrongUse } from './usage.ts'
import { workloadOperand } from './workload-operand.ts'

export interface RollbackOptions {
  readonly to: Wanted
  readonly publish: Publish
  /** Where the patch goes; `-`: standard output. */
  readonly patchFile: string
  readonly clusterFirst: boolean
  readonly shared: boolean
  readonly resume: boolean
  readonly reason: string | undefined
  /** Undefined: the transaction's own. */
  readonly timeoutMs: number | undefined
  readonly output: OutputForm
}

/** What `rollback` and `redo` were asked for. Throws CliError (usage). */
export function rollbackOptions(
  invocation: Invocation,
  verb: 'rollback' | 'redo',
): RollbackOptions {
  const { flags } = invocation
  if (workloadOperand(invocation).rest.length > 0) {
    throw wrongUse(invocation, `${verb} moves one workload at a time`)
  }
  const clusterFirst = flags.boolean('cluster-first')
  const ways = ['push', 'branch', 'patch', 'cluster-first'].filter((name) =>
    name === 'branch' || name === 'patch' ? flags.has(name) : flags.boolean(name),
  )
  if (ways.length > 1) {
    const names = ways.map((name) => `--${name}`).join(' and ')
    throw wrongUse(invocation, `${names} exclude each other`)
  }
  return {
    to: verb === 'redo' ? { type: 'redo' } : wanted(invocation),
    publish: publishOf(invocation),
    patchFile: flags.text('patch'),
    clusterFirst,
    shared: flags.boolean('shared'),
    resume: flags.boolean('resume'),
    reason: flags.text('reason') || undefined,
    timeoutMs: flags.has('timeout') ? flags.duration('timeout') : undefined,
    output: outputForm(invocation, ['json', 'yaml']),
  }
}

function wanted(invocation: Invocation): Wanted {
  const { flags } = invocation
  const [to, revision] = [flags.text('to'), flags.text('to-revision')]
  if (to !== '' && revision !== '') {
    throw wrongUse(invocation, '--to and --to-revision exclude each other')
  }
  if (revision !== '' && revision !== '0') return { type: 'revision', revision }
  return to === '' ? { type: 'default' } : { type: 'to', text: to }
}

/** `--push`, `--branch NAME`, `--patch FILE`; by default the commit stays in this repository. */
export function publishOf(invocation: Invocation): Publish {
  const { flags } = invocation
  const [branch, patch] = [flags.text('branch'), flags.text('patch')]
  if (flags.has('branch') && branch === '') throw wrongUse(invocation, '--branch needs a name')
  if (flags.has('patch') && patch === '') throw wrongUse(invocation, '--patch needs a file')
  if (branch !== '') return { type: 'branch', name: branch }
  if (patch !== '') return { type: 'patch' }
  return flags.boolean('push') ? { type: 'push' } : { type: 'local' }
}
