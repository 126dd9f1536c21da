import type { JsonObject } from '../../api/json.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { isStatusError } from '../../api/status-error.ts'
import { recorded, withAnnotation } from '../annotations.ts'
import { CliError, throwCollected } from '../cli-error.ts'
import { dryRunOf, operationText } from '../dry-run.ts'
import { whileDoing } from '../error-text.ts'
import { fieldValidationOf } from '../field-validation.ts'
import { type Invocation, usageError } from '../kubectl-command.ts'
import { formatPrinter, objectName } from '../print/object-printer.ts'
import { forEachManifest, type Item } from '../select/items.ts'
import { type Session, withSession } from '../session.ts'
import { applyOnServer } from './apply-on-server.ts'
import type { ApplyOptions } from './apply-options.ts'
import { lastApplied } from './last-applied.ts'
import { describePlace, patchLive } from './patch-live.ts'
import { claim, type Signer, signature, signed, signerFor } from './sign.ts'

/**
 * `apply -f` and `-k`, merged on the client's side: manifest, last applied manifest and live object
 * make one patch (G-04, G-05). With `--record` the cause is part of the manifest that is remembered
 * (G-13).
 */
export async function apply(invocation: Invocation): Promise<void> {
  const options = applyOptions(invocation)
  const { flags } = invocation
  await withSession(invocation, async (session) => {
    const errors: Error[] = []
    const items: Item[] = []
    const attempt = async (item: Item) => {
      items.push(item)
    }
    const selection = {
      files: flags.list('filename'),
      kustomization: flags.text('kustomize'),
      isRecursive: flags.boolean('recursive'),
      selector: flags.text('selector'),
    }
    await forEachManifest(session, selection, { attempt, errors })
    if (items.length === 0 && errors.length === 0) throw new CliError('no objects passed to apply')
    const signer = await signerFor(invocation)
    const report = reporter(invocation, options)
    for (const item of items) {
      try {
        report.tell(await applyItem(session, item, { ...options, invocation, signer }))
      } catch (error) {
        errors.push(error as Error)
      }
    }
    report.end()
    throwCollected(errors)
  })
}

function applyOptions(invocation: Invocation): ApplyOptions {
  const { flags, operands } = invocation
  if (operands.length > 0) throw usageError(invocation, `Unexpected args: [${operands.join(' ')}]`)
  const [files, folder] = [flags.list('filename'), flags.text('kustomize')]
  if (files.length === 0 && folder === '') throw new CliError('must specify one of -f and -k')
  if (files.length > 0 && folder !== '') {
    throw new CliError('only one of -f or -k can be specified')
  }
  const dryRun = dryRunOf(invocation)
  const [isOnServer, force] = [flags.boolean('server-side'), flags.boolean('force-conflicts')]
  if (force && !isOnServer) throw new CliError('--force-conflicts only works with --server-side')
  if (isOnServer && dryRun === 'client') {
    const meant = 'did you mean --dry-run=server instead?'
    throw new CliError(`--dry-run=client doesn't work with --server-side (${meant})`)
  }
  const ownName = isOnServer ? 'kubectl' : 'kubectl-client-side-apply'
  const write = {
    dryRun: dryRun === 'server',
    fieldManager: flags.text('field-manager') || ownName,
    fieldValidation: fieldValidationOf(flags),
    ...(force && { force }),
  }
  return { dryRun, isOnServer, write }
}

/** What became of one object. */
interface Applied {
  readonly object: KubeObject
  readonly operation: 'created' | 'configured' | 'unchanged' | 'serverside-applied'
}

interface Context extends ApplyOptions {
  readonly invocation: Invocation
  readonly signer: Signer
}

async function applyItem(session: Session, item: Item, context: Context): Promise<Applied> {
  const { name, source } = item
  const manifest = item.object as KubeObject
  if (name === '' && manifest.metadata?.generateName) {
    throw new CliError(
      `from ${manifest.metadata.generateName}: cannot use generate name with apply`,
    )
  }
  const complete = recorded(manifest, context.invocation)
  if (context.isOnServer) {
    if (name === '') throw new CliError('resource name may not be empty')
    const { signer, write } = context
    const apply = {
      item: { ...item, object: complete },
      write,
      provenance: signer.provenanceOf(item),
    }
    return { object: await applyOnServer(session, apply), operation: 'serverside-applied' }
  }
  const modified = withAnnotation(complete, lastAppliedAnnotation, lastApplied(complete))
  const live = await readLive(session, item)
  if (live) return configure(session, { ...item, object: modified }, { ...context, live })
  if (context.dryRun === 'client') return { object: modified, operation: 'created' }
  try {
    const object = await createSigned(session, { ...item, object: modified }, context)
    return { object, operation: 'created' }
  } catch (error) {
    throw whileDoing(`creating ${JSON.stringify(source)}`, error)
  }
}

/** Created with where it comes from, said of the template as the server makes it. */
async function createSigned(
  { transport }: Session,
  item: Item & { readonly object: KubeObject },
  { signer, dryRun, write }: Context,
): Promise<KubeObject> {
  const { resource, namespace, object } = item
  const place = { namespace }
  const provenance = dryRun === 'none' ? signer.provenanceOf(item) : undefined
  if (!provenance) return transport.create(resource, place, object, write)
  const served = await transport.create(resource, place, object, { ...write, dryRun: true })
  const whole = signed(object, signature(served, provenance, object))
  return claim(transport, item, await transport.create(resource, place, whole, write))
}

/** The object as the server has it; undefined: it has none. */
async function readLive({ transport }: Session, item: Item): Promise<KubeObject | undefined> {
  const { resource, namespace, name, source } = item
  try {
    if (name === '') throw new CliError('resource name may not be empty')
    return await transport.get(resource, { namespace, name })
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    const what = `retrieving current configuration of:\n${describePlace(item)}\nfrom server for`
    throw whileDoing(`${what}: ${JSON.stringify(source)}`, error)
  }
}

async function configure(
  session: Session,
  item: Item,
  context: Context & { readonly live: KubeObject },
): Promise<Applied> {
  const { live, dryRun } = context
  if (live.metadata.annotations?.[lastAppliedAnnotation] === undefined) {
    session.io.stderr.write(missingMemory(session, item))
  }
  const { object, patch } = await patchLive(session, item, {
    ...context,
    provenance: context.signer.provenanceOf(item),
  })
  const isUnchanged = Object.keys(patch as JsonObject).length === 0
  const shown = dryRun === 'client' ? live : object
  return { object: shown, operation: isUnchanged ? 'unchanged' : 'configured' }
}

function missingMemory({ io }: Session, { resource, name }: Item): string {
  const program = io.programName
  return `Warning: resource ${resource.plural}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by ${program} apply. ${program} apply should only be used on resources created declaratively by either ${program} create --save-config or ${program} apply. The missing annotation will be patched automatically.\n`
}

/** Tells of each object at once; in a form of `-o` that holds several, of all at the end. */
function reporter({ flags, io }: Invocation, { dryRun }: ApplyOptions) {
  const print = formatPrinter(flags, io.stdout)
  const isByLine = flags.text('output') === 'name'
  const objects: KubeObject[] = []
  return {
    tell({ object, operation }: Applied): void {
      if (!print) {
        io.stdout.write(`${objectName(object)} ${operationText(operation, dryRun)}\n`)
      } else if (isByLine) print(object)
      else objects.push(object)
    },
    end(): void {
      const [first] = objects
      if (!first) return
      if (objects.length === 1) print?.(first)
      else print?.({ apiVersion: 'v1', kind: 'List', metadata: {}, items: objects } as KubeObject)
    },
  }
}
