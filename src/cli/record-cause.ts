import { changeCauseAnnotation } from '../api/names.ts'
import type { Invocation } from './kubectl-command.ts'
import type { Item } from './select/items.ts'
import type { Session } from './session.ts'

/**
 * With `--record`, writes the command line to the live object as its cause: for commands that do
 * not send the object itself (G-13).
 */
export async function recordCause(
  { transport }: Session,
  { resource, namespace, name }: Item,
  { flags, changeCause }: Invocation,
): Promise<void> {
  if (!flags.boolean('record')) return
  const body = { metadata: { annotations: { [changeCauseAnnotation]: changeCause } } }
  const patch = { type: 'application/merge-patch+json', body } as const
  await transport.patch(resource, { namespace, name }, patch)
}
