import type { DeleteOptions } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { qualifiedKind } from '../../api/resource.ts'
import { isStatusError } from '../../api/status-error.ts'
import { CliError, CliErrors } from '../cli-error.ts'
import { type DryRun, dryRunOf, operationText } from '../dry-run.ts'
import { whileDoing } from '../error-text.ts'
import type { Invocation } from '../kubectl-command.ts'
import { forEachItem, type Item } from '../select/items.ts'
import type { Selection } from '../select/targets.ts'
import { type Session, withSession } from '../session.ts'
import type { Deleted } from './deleted.ts'
import { waitUntilGone } from './wait-until-gone.ts'

const propagation: Readonly<Record<string, string>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
}

interface Options {
  readonly selection: Selection
  readonly body: Partial<DeleteOptions>
  readonly dryRun: DryRun
  readonly isForced: boolean
  readonly isNotFoundIgnored: boolean
  readonly isWaiting: boolean
  /** 0: without limit. */
  readonly timeoutMs: number
  readonly isNameOnly: boolean
}

/** `delete` (G-04, V-02). */
export async function deleteObjects(invocation: Invocation): Promise<void> {
  const options = deleteOptions(invocation)
  await withSession(invocation, async (session) => {
    const deleted: Deleted[] = []
    const ignored: Error[] = []
    const count = await forEachItem(session, options.selection, async (item) => {
      warnOfScope(session, item)
      deleted.push(await deleteItem(session, item, options))
    }).catch((error: unknown) => {
      const rest = options.isNotFoundIgnored ? withoutNotFound(error) : error
      if (rest !== undefined) throw rest
      ignored.push(error as Error)
      return deleted.length
    })
    if (count === 0 && ignored.length === 0) session.io.stdout.write('No resources found\n')
    if (options.isWaiting && options.dryRun === 'none') {
      await waitUntilGone(session, deleted, options.timeoutMs)
    }
  })
}

function deleteOptions(invocation: Invocation): Options {
  const { flags, operands, io } = invocation
  const output = flags.text('output')
  if (output !== '' && output !== 'name') {
    throw new CliError(`unexpected -o output mode: ${output}. We only support '-o name'`)
  }
  const dryRun = dryRunOf(invocation)
  const isForced = flags.boolean('force')
  const graceSeconds = gracePeriodOf(invocation)
  if (isForced && graceSeconds === 0) {
    io.stderr.write(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    )
  }
  const body: Partial<DeleteOptions> = {
    propagationPolicy: propagationOf(flags.text('cascade')),
    ...(graceSeconds >= 0 && { gracePeriodSeconds: graceSeconds }),
    ...(dryRun === 'server' && { dryRun: ['All'] }),
  }
  return {
    selection: {
      operands,
      files: flags.list('filename'),
      isRecursive: flags.boolean('recursive'),
      selector: flags.text('selector'),
      fieldSelector: flags.text('field-selector'),
      isAll: flags.boolean('all'),
      isAllNamespaces: flags.boolean('all-namespaces'),
    },
    body,
    dryRun,
    isForced: isForced && graceSeconds === 0,
    isNotFoundIgnored: flags.boolean('ignore-not-found') || flags.boolean('all'),
    isWaiting: flags.boolean('wait'),
    timeoutMs: flags.duration('timeout'),
    isNameOnly: output === 'name',
  }
}

function propagationOf(cascade: string): string {
  const policy = propagation[cascade] ?? { true: 'Background', false: 'Orphan' }[cascade]
  if (policy !== undefined) return policy
  throw new CliError(
    `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`,
  )
}

/** Zero without `--force` means one second: only `--force` leaves pods behind. */
function gracePeriodOf({ flags }: Invocation): number {
  const given = flags.integer('grace-period')
  const isForced = flags.boolean('force')
  if (flags.boolean('now')) {
    if (given >= 0) throw new CliError('--now and --grace-period cannot be specified together')
    return 1
  }
  if (given === 0 && !isForced) return 1
  return isForced && given < 0 ? 0 : given
}

function warnOfScope({ io, isNamespaceGiven }: Session, { resource }: Item): void {
  if (resource.namespaced || !isNamespaceGiven) return
  io.stderr.write(
    'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n',
  )
}

async function deleteItem(session: Session, item: Item, options: Options): Promise<Deleted> {
  const { resource, namespace, name, source } = item
  let uid: string | undefined
  if (options.dryRun !== 'client') {
    try {
      const answer = await session.transport.delete(resource, { namespace, name }, options.body)
      uid = uidOf(answer)
    } catch (error) {
      throw source === undefined ? error : whileDoing(`deleting ${JSON.stringify(source)}`, error)
    }
  }
  session.io.stdout.write(`${deletedText(item, options)}\n`)
  return { item, uid }
}

/** Of the object that lingers, or from the details of a Status. */
function uidOf(answer: object): string | undefined {
  const { metadata, details } = answer as Partial<KubeObject> & {
    readonly details?: { readonly uid?: string }
  }
  return details?.uid ?? metadata?.uid
}

function deletedText({ resource, namespace, name }: Item, options: Options): string {
  const kind = qualifiedKind({ ...resource, kind: resource.kind.toLowerCase() })
  if (options.isNameOnly) return `${kind}/${name}`
  const operation = options.isForced ? 'force deleted' : 'deleted'
  const place = namespace ? ` from ${namespace} namespace` : ''
  return operationText(`${kind} ${JSON.stringify(name)} ${operation}${place}`, options.dryRun)
}

/** Undefined when nothing but missing objects went wrong. */
function withoutNotFound(error: unknown): unknown {
  const all = error instanceof CliErrors ? error.errors : [error]
  const rest = all.filter((one) => !isStatusError(one, 'NotFound'))
  return rest.length === 0 ? undefined : rest.length === 1 ? rest[0] : error
}
