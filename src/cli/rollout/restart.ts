import type { Deployment } from '../../api/generated/types.ts'
import { restartedAtAnnotation } from '../../api/names.ts'
import { qualifiedPlural } from '../../api/resource.ts'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { operationPrinter } from '../print/object-printer.ts'
import { forEachRollout, type RolloutVisit } from './rollout-items.ts'

const restartable = new Set(['Deployment', 'DaemonSet', 'StatefulSet'])

/** `rollout restart` (G-44): the time as an annotation makes a new template. */
export async function rolloutRestart(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation
  const print = operationPrinter('restarted', { flags, stdout: io.stdout })
  const visit: RolloutVisit['visit'] = async ({ transport }, { resource, object }) => {
    const { namespace, name = '' } = object.metadata
    const subject = `${qualifiedPlural(resource)} ${JSON.stringify(name)}`
    if (resource.group !== 'apps' || !restartable.has(resource.kind)) {
      throw new CliError(`${subject} restarting is not supported`)
    }
    const { paused, template } = (object as Deployment).spec ?? {}
    if (paused) {
      throw new CliError(`${subject} can't restart paused deployment (run rollout resume first)`)
    }
    const now = localTimestamp(io.clock.now())
    if (template?.metadata?.annotations?.[restartedAtAnnotation] === now) {
      throw new CliError(
        `failed to create patch for ${name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
      )
    }
    const annotations = { [restartedAtAnnotation]: now }
    const body = { spec: { template: { metadata: { annotations } } } }
    const patch = { type: 'application/strategic-merge-patch+json', body } as const
    const fieldManager = flags.text('field-manager')
    print(await transport.patch(resource, { namespace, name }, patch, { fieldManager }))
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: true })
}

/** RFC 3339 with the zone of this machine: `2026-01-31T12:00:00+01:00`, `Z` in UTC. */
function localTimestamp(epochMs: number): string {
  const offsetMinutes = -new Date(epochMs).getTimezoneOffset()
  const local = new Date(epochMs + offsetMinutes * 60_000).toISOString().slice(0, 19)
  if (offsetMinutes === 0) return `${local}Z`
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.abs(offsetMinutes)
  const sign = offsetMinutes < 0 ? '-' : '+'
  return `${local}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
