import type { WorkloadKey } from '../../release/record/release.ts'
import { RefusedByGuard } from '../../release/release-error.ts'
import { isWorkloadKind, type WorkloadKind, workloadResources } from '../../rollout/workload.ts'
import type { Invocation } from '../kubectl-command.ts'
import { wrongUse } from './usage.ts'

export interface WorkloadOperand {
  readonly kind: WorkloadKind
  readonly name: string
  /** What follows the workload. */
  readonly rest: readonly string[]
}

/** The workload that `KIND/NAME` or `KIND NAME` names. */
export function workloadOperand(invocation: Invocation): WorkloadOperand {
  const [first = '', second, ...others] = invocation.operands
  const slash = first.indexOf('/')
  const typed = slash < 0 ? first : first.slice(0, slash)
  const name = slash < 0 ? second : first.slice(slash + 1)
  if (typed === '') throw wrongUse(invocation, 'say which workload: deployment/NAME')
  const kind = kindOf(typed)
  if (!kind) {
    const known = 'releases are kept of Deployments, StatefulSets and DaemonSets'
    throw wrongUse(invocation, `${JSON.stringify(typed)} is none of these: ${known}`)
  }
  if (!name) throw noName(invocation, kind)
  const rest = slash < 0 ? others : invocation.operands.slice(1)
  return { kind, name, rest }
}

/** For a command that changes things, a kind without a name is one of its guards (exit code 4). */
function noName(invocation: Invocation, kind: WorkloadKind): Error {
  const message = `a ${kind} has to be named: ${kind.toLowerCase()}/NAME`
  if (!/ (rollback|redo)$/.test(invocation.path)) return wrongUse(invocation, message)
  return new RefusedByGuard([{ guard: 'no-target', message }])
}

/** As kubectl takes it: any of its names, in its group or in none. */
function kindOf(typed: string): WorkloadKind | undefined {
  const [name = '', ...group] = typed.toLowerCase().split('.')
  if (!['', 'apps', 'v1.apps'].includes(group.join('.'))) return undefined
  const kind = workloadResources.find(({ plural, singular, shortNames }) =>
    [plural, singular, ...shortNames].includes(name),
  )?.kind
  return isWorkloadKind(kind) ? kind : undefined
}

export function workloadOf(
  namespace: string,
  { kind, name }: Pick<WorkloadOperand, 'kind' | 'name'>,
): WorkloadKey {
  return { kind, namespace, name }
}

/** For people, and for the next command line: `deployment/app`. */
export function workloadText({ kind, name }: Pick<WorkloadKey, 'kind' | 'name'>): string {
  return `${kind.toLowerCase()}/${name}`
}
