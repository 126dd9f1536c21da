import { deployments } from '../../api/scheme.ts'
import type { WorkloadKey } from '../../release/record/release.ts'
import { RefusedByGuard } from '../../release/release-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { wrongUse } from './usage.ts'

export interface WorkloadOperand {
  readonly name: string
  /** What follows the workload. */
  readonly rest: readonly string[]
}

/** The Deployment that `KIND/NAME` or `KIND NAME` names. */
export function workloadOperand(invocation: Invocation): WorkloadOperand {
  const [first = '', second, ...others] = invocation.operands
  const slash = first.indexOf('/')
  const kind = slash < 0 ? first : first.slice(0, slash)
  const name = slash < 0 ? second : first.slice(slash + 1)
  if (kind === '') throw wrongUse(invocation, 'say which workload: deployment/NAME')
  if (!isDeployment(kind)) {
    const known = 'releases are kept of Deployments only, so far'
    throw wrongUse(invocation, `${JSON.stringify(kind)} is no Deployment: ${known}`)
  }
  if (!name) throw noName(invocation)
  const rest = slash < 0 ? others : invocation.operands.slice(1)
  return { name, rest }
}

/** For a command that changes things, a kind without a name is one of its guards (exit code 4). */
function noName(invocation: Invocation): Error {
  const message = 'a Deployment has to be named: deployment/NAME'
  if (!/ (rollback|redo)$/.test(invocation.path)) return wrongUse(invocation, message)
  return new RefusedByGuard([{ guard: 'no-target', message }])
}

function isDeployment(typed: string): boolean {
  const [name = '', ...group] = typed.toLowerCase().split('.')
  const { plural, singular, shortNames } = deployments
  const isInGroup = ['', 'apps', 'v1.apps'].includes(group.join('.'))
  return isInGroup && [plural, singular, ...shortNames].includes(name)
}

export function workloadOf(namespace: string, name: string): WorkloadKey {
  return { kind: 'Deployment', namespace, name }
}

/** For people, and for the next command line: `deployment/app`. */
export function workloadText({ name }: Pick<WorkloadKey, 'name'>): string {
  return `deployment/${name}`
}
