import { isStatusError } from '../../api/status-error.ts'
import { type CliError, throwCollected } from '../cli-error.ts'
import { type Invocation, usageError } from '../kubectl-command.ts'
import { formatPrinter, type ObjectPrinter } from '../print/object-printer.ts'
import { collectItems, forEachItem, type Item } from '../select/items.ts'
import { resolveTargets, type Selection, type Target } from '../select/targets.ts'
import { type Session, withSession } from '../session.ts'
import type { GetOptions } from './get-options.ts'
import { showTables } from './show-tables.ts'
import { watchObjects } from './watch.ts'

/** `get` (G.6): tables that the server makes, or objects in the form of `-o`. */
export async function get(invocation: Invocation): Promise<void> {
  const options = getOptions(invocation)
  await withSession(invocation, async (session) => {
    if (options.isWatch) await watchObjects(session, options)
    else if (options.print) await printObjects(session, options, options.print)
    else await showTables(session, await targetsOf(session, options), options)
  })
}

function getOptions(invocation: Invocation): GetOptions {
  const { flags, operands, io } = invocation
  const files = flags.list('filename')
  if (operands.length === 0 && files.length === 0) throw nothingAsked(invocation)
  const isWide = flags.text('output') === 'wide'
  return {
    selection: {
      operands,
      files,
      isRecursive: flags.boolean('recursive'),
      selector: flags.text('selector'),
      fieldSelector: flags.text('field-selector'),
      isAllNamespaces: flags.boolean('all-namespaces'),
      isTypeEnough: true,
    },
    print: isWide ? undefined : formatPrinter(flags, io.stdout, ['wide']),
    isWide,
    isWatch: flags.boolean('watch') || flags.boolean('watch-only'),
    isWatchOnly: flags.boolean('watch-only'),
    isNotFoundIgnored: flags.boolean('ignore-not-found'),
    hasHeadings: !flags.boolean('no-headers'),
    hasKinds: flags.boolean('show-kind'),
    hasLabels: flags.boolean('show-labels'),
    labelColumns: flags.list('label-columns'),
  }
}

function nothingAsked(invocation: Invocation): CliError {
  const { io } = invocation
  io.stderr.write(
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
  )
  return usageError(
    invocation,
    'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
  )
}

/** What the tables are of; manifests point at the objects they describe. */
async function targetsOf(session: Session, { selection }: GetOptions): Promise<readonly Target[]> {
  return selection.files?.length
    ? await collectItems(session, selection)
    : resolveTargets(session, selection)
}

/** One named object as it is, anything else as a List. */
async function printObjects(
  session: Session,
  { selection, isNotFoundIgnored }: GetOptions,
  print: ObjectPrinter,
): Promise<void> {
  const { items, errors } = await gather(session, selection)
  const told = isNotFoundIgnored
    ? errors.filter((error) => !isStatusError(error, 'NotFound'))
    : errors
  const objects = items.flatMap(({ object }) => object ?? [])
  const [only] = objects
  const isSingle = isSingleNamed(selection) && objects.length <= 1
  if (isSingle && only) print(only)
  else if (!isSingle && (objects.length > 0 || told.length === 0)) {
    const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' } }
    print({ ...list, items: objects } as Parameters<ObjectPrinter>[0])
  }
  throwCollected(told)
}

function isSingleNamed({ operands, files = [] }: Selection): boolean {
  if (files.length > 0) return files.length === 1
  const [first = ''] = operands
  return operands.length === (first.includes('/') ? 1 : 2)
}

async function gather(
  session: Session,
  selection: Selection,
): Promise<{ readonly items: readonly Item[]; readonly errors: readonly Error[] }> {
  const items: Item[] = []
  try {
    await forEachItem(session, { ...selection, isFetched: true }, async (item) => {
      items.push(item)
    })
    return { items, errors: [] }
  } catch (error) {
    const { errors } = error as { readonly errors?: readonly Error[] }
    return { items, errors: errors ?? [error as Error] }
  }
}
