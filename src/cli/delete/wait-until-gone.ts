import type { KubeObject } from '../../api/object.ts'
import { qualifiedPlural } from '../../api/resource.ts'
import { isStatusError } from '../../api/status-error.ts'
import { CliError } from '../cli-error.ts'
import type { Session } from '../session.ts'
import type { Deleted } from './deleted.ts'

/**
 * Until none of the objects is there any more; another one of the same name does not count. Throws
 * CliError when `timeoutMs` (0: never) is over.
 */
export async function waitUntilGone(
  session: Session,
  deleted: readonly Deleted[],
  timeoutMs: number,
): Promise<void> {
  const { clock, signal } = session.io
  const untilMs = clock.monotonic() + timeoutMs
  for (const one of deleted) {
    const aborter = new AbortController()
    const leave = () => aborter.abort()
    signal.addEventListener('abort', leave)
    const leftMs = Math.max(0, untilMs - clock.monotonic())
    const timer = timeoutMs > 0 ? clock.setTimeout(leave, leftMs) : undefined
    const isGone = await goneOrAborted(session, one, aborter.signal)
    timer?.cancel()
    signal.removeEventListener('abort', leave)
    if (signal.aborted) return
    if (!isGone) {
      const { resource, name } = one.item
      const what = `${qualifiedPlural(resource)}/${name}`
      throw new CliError(`timed out waiting for the condition on ${what}`)
    }
  }
}

/** False when `signal` came first. */
async function goneOrAborted(
  session: Session,
  deleted: Deleted,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const live = await findSame(session, deleted)
    if (!live) return true
    await nextChange(session, deleted, { resourceVersion: live.metadata.resourceVersion, signal })
  }
  return false
}

async function findSame(
  { transport }: Session,
  { item, uid }: Deleted,
): Promise<KubeObject | undefined> {
  const { resource, namespace, name } = item
  try {
    const live = await transport.get(resource, { namespace, name })
    return uid === undefined || live.metadata.uid === uid ? live : undefined
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}

/** Until the object is deleted, the watch ends, or `signal` aborts. */
function nextChange(
  { transport }: Session,
  { item }: Deleted,
  {
    resourceVersion,
    signal,
  }: { readonly resourceVersion?: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const { resource, namespace, name } = item
  const options = {
    fieldSelector: `metadata.name=${name}`,
    ...(resourceVersion && { resourceVersion }),
  }
  return new Promise((resolve) => {
    const finish = () => {
      handle.stop()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const handle = transport.watch(resource, { namespace }, options, {
      event(event) {
        if (event.type === 'DELETED') finish()
      },
      end: finish,
    })
    signal.addEventListener('abort', finish)
  })
}
