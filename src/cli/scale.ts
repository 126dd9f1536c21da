import type { KubeObject } from '../api/object.ts'
import type { Subresource } from '../api/transport.ts'
import { sleep } from '../base/clock.ts'
import { CliError } from './cli-error.ts'
import { type DryRun, dryRunOf, operationText } from './dry-run.ts'
import type { Invocation } from './kubectl-command.ts'
import { operationPrinter } from './print/object-printer.ts'
import { recordCause } from './record-cause.ts'
import { forEachItem, type Item } from './select/items.ts'
import { type Session, withSession } from './session.ts'

const subresource: Subresource = 'scale'
const pollMs = 500

/** An `autoscaling/v1` Scale. */
interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly replicas?: number }
}

interface Options {
  readonly replicas: number
  /** -1: whatever there is. */
  readonly currentReplicas: number
  readonly resourceVersion: string
  readonly dryRun: DryRun
  readonly timeoutMs: number
}

/** `scale` (G-07): through the scale subresource, so of every kind that has one. */
export async function scale(invocation: Invocation): Promise<void> {
  const { flags, operands, io } = invocation
  const options = scaleOptions(invocation)
  const selection = {
    operands,
    files: flags.list('filename'),
    isRecursive: flags.boolean('recursive'),
    selector: flags.text('selector'),
    isAll: flags.boolean('all'),
    isFetched: true,
  }
  const operation = operationText('scaled', options.dryRun)
  const print = operationPrinter(operation, { flags, stdout: io.stdout })
  await withSession(invocation, async (session) => {
    const count = await forEachItem(session, selection, async (item) => {
      if (options.dryRun !== 'client') {
        await scaleItem(session, item, options)
        await recordCause(session, item, invocation)
        if (options.timeoutMs > 0) await waitForReplicas(session, item, options)
      }
      print(item.object as KubeObject)
    })
    if (count === 0) throw new CliError('no objects passed to scale')
  })
}

function scaleOptions(invocation: Invocation): Options {
  const { flags } = invocation
  if (!flags.has('replicas')) throw new CliError('required flag(s) "replicas" not set')
  const replicas = flags.integer('replicas')
  if (replicas < 0) {
    throw new CliError(
      'The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    )
  }
  const currentReplicas = flags.integer('current-replicas')
  if (currentReplicas < -1) {
    throw new CliError('The --current-replicas must specify an integer of -1 or greater')
  }
  return {
    replicas,
    currentReplicas,
    resourceVersion: flags.text('resource-version'),
    dryRun: dryRunOf(invocation),
    timeoutMs: flags.duration('timeout'),
  }
}

/** Blindly by a patch; with a condition by reading, checking and a write that may conflict. */
async function scaleItem({ transport }: Session, item: Item, options: Options): Promise<void> {
  const { resource, namespace, name } = item
  const { replicas, currentReplicas, resourceVersion, dryRun } = options
  const key = { namespace, name }
  const write = { subresource, dryRun: dryRun === 'server' }
  if (currentReplicas < 0 && resourceVersion === '') {
    const patch = { type: 'application/merge-patch+json', body: { spec: { replicas } } } as const
    await transport.patch(resource, key, patch, write)
    return
  }
  const live: Scale = await transport.get(resource, key, subresource)
  check(live, options)
  const wanted = { ...live, spec: { ...live.spec, replicas } }
  await transport.update(resource, key, wanted, write)
}

function check({ spec, metadata }: Scale, { currentReplicas, resourceVersion }: Options): void {
  const found = spec?.replicas ?? 0
  if (currentReplicas >= 0 && found !== currentReplicas) {
    throw new CliError(`Expected replicas to be ${currentReplicas}, was ${found}`)
  }
  const version = metadata.resourceVersion ?? ''
  if (resourceVersion !== '' && version !== resourceVersion) {
    throw new CliError(`Expected resource version to be ${resourceVersion}, was ${version}`)
  }
}

async function waitForReplicas(
  { transport, io }: Session,
  { resource, namespace, name }: Item,
  { replicas, timeoutMs }: Options,
): Promise<void> {
  const untilMs = io.clock.monotonic() + timeoutMs
  while (!io.signal.aborted) {
    const live: Scale = await transport.get(resource, { namespace, name }, subresource)
    // Scaled anew by somebody else: not ours to wait for.
    if ((live.spec?.replicas ?? 0) !== replicas) return
    if ((live.status?.replicas ?? 0) === replicas) return
    if (io.clock.monotonic() >= untilMs) {
      throw new CliError(`timed out waiting for ${JSON.stringify(name)} to be synced`)
    }
    await sleep(io.clock, pollMs, io.signal)
  }
}
