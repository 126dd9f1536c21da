import { lastAppliedAnnotation } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { WriteOptions } from '../api/transport.ts'
import { recorded, withAnnotation } from './annotations.ts'
import { lastApplied } from './apply/last-applied.ts'
import { CliError } from './cli-error.ts'
import { dryRunOf, operationText } from './dry-run.ts'
import { whileDoing } from './error-text.ts'
import { fieldValidationOf } from './field-validation.ts'
import { type Invocation, usageError } from './kubectl-command.ts'
import { operationPrinter } from './print/object-printer.ts'
import { forEachItem, type Item } from './select/items.ts'
import { type Session, withSession } from './session.ts'

/** `create -f` (G-04). With `--record` the cause is in the object that is sent (G-13). */
export async function create(invocation: Invocation): Promise<void> {
  const { flags, operands, io } = invocation
  const files = flags.list('filename')
  if (files.length === 0) throw new CliError('must specify one of -f and -k')
  if (operands.length > 0) throw usageError(invocation, `Unexpected args: [${operands.join(' ')}]`)
  const dryRun = dryRunOf(invocation)
  const options: WriteOptions = {
    dryRun: dryRun === 'server',
    fieldManager: flags.text('field-manager'),
    fieldValidation: fieldValidationOf(flags),
  }
  const print = operationPrinter(operationText('created', dryRun), { flags, stdout: io.stdout })
  const selection = {
    files,
    isRecursive: flags.boolean('recursive'),
    selector: flags.text('selector'),
    operands: [],
  }
  await withSession(invocation, async (session) => {
    const count = await forEachItem(session, selection, async (item) => {
      const object = prepared(item, invocation)
      print(dryRun === 'client' ? object : await send(session, { ...item, object }, options))
    })
    if (count === 0) throw new CliError('no objects passed to create')
  })
}

function prepared({ object }: Item, invocation: Invocation): KubeObject {
  const complete = recorded(object as KubeObject, invocation)
  if (!invocation.flags.boolean('save-config')) return complete
  return withAnnotation(complete, lastAppliedAnnotation, lastApplied(complete))
}

async function send(
  { transport }: Session,
  { resource, namespace, object, source }: Item,
  options: WriteOptions,
): Promise<KubeObject> {
  try {
    return await transport.create(resource, { namespace }, object as KubeObject, options)
  } catch (error) {
    throw whileDoing(`creating ${JSON.stringify(source)}`, error)
  }
}
