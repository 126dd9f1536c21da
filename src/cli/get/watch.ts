import type { KubeObject } from '../../api/object.ts'
import type { WatchHandle, WatchOptions } from '../../api/transport.ts'
import { CliError } from '../cli-error.ts'
import { listAll, selectorOptions } from '../select/list-all.ts'
import { resolveTargets, type Target } from '../select/targets.ts'
import type { Session } from '../session.ts'
import type { GetOptions } from './get-options.ts'
import { tablesOf, tableView } from './show-tables.ts'

/**
 * `get -w`: what is there, then every change as it comes, until the user leaves or the server ends
 * the watch.
 */
export async function watchObjects(session: Session, options: GetOptions): Promise<void> {
  const targets = await resolveTargets(session, options.selection)
  const [target] = targets
  if (!target || targets.length > 1) {
    throw new CliError('watch is only supported on individual resources and resource collections')
  }
  if (options.print) await watchInForm(session, target, { ...options, print: options.print })
  else await watchAsTable(session, target, options)
}

/** The watch of a target: of one object by its name. */
function watchOptions({ name }: Target, { selection }: GetOptions): WatchOptions {
  if (name !== undefined) return { fieldSelector: `metadata.name=${name}` }
  return selectorOptions(selection)
}

async function watchAsTable(session: Session, target: Target, options: GetOptions): Promise<void> {
  const { transport, io } = session
  const view = tableView([target], options)
  let resourceVersion = ''
  for await (const table of tablesOf(session, target, options)) {
    resourceVersion = table.metadata?.resourceVersion ?? resourceVersion
    if (!options.isWatchOnly) io.stdout.write(view.format(table))
  }
  const { resource, namespace } = target
  const watched = { ...watchOptions(target, options), resourceVersion }
  await watching(session, (end) =>
    transport.watchTable(resource, { namespace }, watched, {
      event(type, table) {
        if (type !== 'BOOKMARK') io.stdout.write(view.format(table))
      },
      end,
    }),
  )
}

async function watchInForm(
  session: Session,
  target: Target,
  options: GetOptions & { readonly print: (object: KubeObject) => void },
): Promise<void> {
  const { transport } = session
  const { resource, namespace, name } = target
  let resourceVersion: string | undefined
  if (name === undefined) {
    const list = await listAll(transport, target, options.selection)
    resourceVersion = list.resourceVersion
    if (!options.isWatchOnly) for (const object of list.items) options.print(object)
  } else {
    const object = await transport.get(resource, { namespace, name })
    resourceVersion = object.metadata.resourceVersion
    if (!options.isWatchOnly) options.print(object)
  }
  const watched = {
    ...watchOptions(target, options),
    ...(resourceVersion && { resourceVersion }),
  }
  await watching(session, (end) =>
    transport.watch(resource, { namespace }, watched, {
      event(event) {
        if (event.type !== 'BOOKMARK') options.print(event.object)
      },
      end,
    }),
  )
}

/** Until the watch ends or the user leaves. Rejects with the watch's error. */
function watching(
  { io }: Session,
  start: (end: (error?: Error) => void) => WatchHandle,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const handle = start((error) => (error ? reject(error) : resolve()))
    const leave = () => {
      handle.stop()
      resolve()
    }
    if (io.signal.aborted) leave()
    else io.signal.addEventListener('abort', leave, { once: true })
  })
}
