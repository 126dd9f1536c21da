import type { Deployment } from '../../api/generated/types.ts'
import { qualifiedPlural } from '../../api/resource.ts'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { operationPrinter } from '../print/object-printer.ts'
import { forEachRollout, type RolloutVisit } from './rollout-items.ts'

/** `rollout pause` (G-43). */
export function rolloutPause(invocation: Invocation): Promise<void> {
  return setPaused(invocation, true)
}

/** `rollout resume` (G-43). */
export function rolloutResume(invocation: Invocation): Promise<void> {
  return setPaused(invocation, false)
}

async function setPaused(invocation: Invocation, isPaused: boolean): Promise<void> {
  const { flags, io } = invocation
  const operation = isPaused ? 'paused' : 'resumed'
  const print = operationPrinter(operation, { flags, stdout: io.stdout })
  const visit: RolloutVisit['visit'] = async ({ transport }, { resource, object }) => {
    const { namespace, name = '' } = object.metadata
    const subject = `${qualifiedPlural(resource)} ${JSON.stringify(name)}`
    if (resource.group !== 'apps' || resource.kind !== 'Deployment') {
      const verb = isPaused ? 'pausing' : 'resuming'
      throw new CliError(`${subject} ${verb} is not supported`)
    }
    const { paused = false } = (object as Deployment).spec ?? {}
    if (paused === isPaused) {
      throw new CliError(`${subject} is ${isPaused ? 'already paused' : 'not paused'}`)
    }
    const body = { spec: { paused: isPaused ? true : null } }
    const patch = { type: 'application/strategic-merge-patch+json', body } as const
    const fieldManager = flags.text('field-manager')
    print(await transport.patch(resource, { namespace, name }, patch, { fieldManager }))
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: true })
}
