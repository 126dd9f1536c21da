import { isStatusError } from '../../api/status-error.ts'
import { sleep } from '../../base/clock.ts'
import { type Workload, type WorkloadKind, workloadResource } from '../../rollout/workload.ts'
import type { Session } from '../session.ts'

/** Before a watch that was cut is taken up again. */
const pauseMs = 500

export interface Following {
  /** 0: without limit. */
  readonly timeoutMs: number
  /** Called with each version of the workload, the given one first; true: seen enough. */
  see(workload: Workload): boolean
}

export type FollowEnd = 'done' | 'deleted' | 'timeout' | 'left'

/**
 * Watches a workload. A watch that is cut is taken up again; what was missed in between is not
 * told.
 */
export async function followWorkload(
  session: Session,
  workload: Workload,
  following: Following,
): Promise<FollowEnd> {
  const { clock, signal } = session.io
  const aborter = new AbortController()
  const stop = () => aborter.abort()
  signal.addEventListener('abort', stop)
  const timer = following.timeoutMs > 0 ? clock.setTimeout(stop, following.timeoutMs) : undefined
  try {
    const end = await follow(session, workload, { ...following, signal: aborter.signal })
    if (end !== 'left') return end
    return signal.aborted ? 'left' : 'timeout'
  } finally {
    timer?.cancel()
    signal.removeEventListener('abort', stop)
  }
}

type Until = Following & { readonly signal: AbortSignal }

async function follow(session: Session, first: Workload, until: Until): Promise<FollowEnd> {
  let seen: Workload = first
  if (until.see(seen)) return 'done'
  for (;;) {
    const end = await watchOnce(session, seen, until)
    if (end !== 'cut') return end
    await sleep(session.io.clock, pauseMs, until.signal)
    if (until.signal.aborted) return 'left'
    const live = await readAgain(session, seen)
    if (!live || live.metadata.uid !== first.metadata.uid) return 'deleted'
    const isNew = live.metadata.resourceVersion !== seen.metadata.resourceVersion
    seen = live
    if (isNew && until.see(seen)) return 'done'
  }
}

async function readAgain(
  { transport }: Session,
  { kind, metadata: { namespace, name = '' } }: Workload,
): Promise<Workload | undefined> {
  try {
    return await transport.get(workloadResource(kind as WorkloadKind), { namespace, name })
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}

/** `cut`: the server ended the watch before there was enough to see. */
function watchOnce(
  { transport }: Session,
  { kind, metadata }: Workload,
  { see, signal }: Until,
): Promise<FollowEnd | 'cut'> {
  const { namespace, name, resourceVersion = '' } = metadata
  const options = { fieldSelector: `metadata.name=${name}`, resourceVersion }
  return new Promise((resolve) => {
    const finish = (end: FollowEnd | 'cut') => {
      handle.stop()
      signal.removeEventListener('abort', leave)
      resolve(end)
    }
    const leave = () => finish('left')
    const handle = transport.watch(workloadResource(kind as WorkloadKind), { namespace }, options, {
      event(event) {
        if (event.type === 'BOOKMARK') return
        if (event.type === 'DELETED') finish('deleted')
        else if (see(event.object)) finish('done')
      },
      end: () => finish('cut'),
    })
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave)
  })
}
