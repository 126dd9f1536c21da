import type { JsonObject } from '../../api/json.ts'
import { union } from '../../api/managed-fields/field-set.ts'
import {
  isEntryOf,
  type Manager,
  type Managers,
  newEntry,
  setOf,
  settleManagers,
} from '../../api/managed-fields/managers.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { WriteOptions } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import { systemContext } from '../../base/context.ts'
import { busyTriesMax, retryOnConflict } from '../../client/retry-on-conflict.ts'
import { applyConfig, applySigned, takeOver, writeManagers } from '../../release/apply-exactly.ts'
import { signedKeys } from '../../release/claim-annotations.ts'
import { found } from '../../release/observe-workload.ts'
import { type Provenance, withoutAnnotations } from '../../release/provenance.ts'
import type { Workload } from '../../rollout/workload.ts'
import { CliError } from '../cli-error.ts'
import type { Item } from '../select/items.ts'
import type { Session } from '../session.ts'
import { claim, givenSignature, givesCause } from './sign.ts'

export interface ServerApply {
  readonly item: Item & { readonly object: KubeObject }
  /** fieldManager and, under `--force-conflicts`, force. */
  readonly write: WriteOptions
  /** Where the manifest comes from; undefined: it bears nothing. */
  readonly provenance: Provenance | undefined
}

const clientManager = 'kubectl-client-side-apply'
/** Under this name kubectl keeps the memory of client-side apply when it goes over. */
const memoryManager = 'kubectl-last-applied'

/**
 * `apply --server-side` (G-04, H-15): the server merges. An object that was applied on the client's
 * side goes over: what was owned there is owned here, and goes with the manifest that has it no
 * more.
 */
export async function applyOnServer(session: Session, apply: ServerApply): Promise<KubeObject> {
  const object = await refusingConflicts(() => applyOnce(session, apply))
  if (apply.write.dryRun || !isOfClient(object, apply.write)) return object
  await goOver(session, apply)
  return refusingConflicts(() => applyOnce(session, apply))
}

async function applyOnce(
  { transport }: Session,
  { item, write, provenance }: ServerApply,
): Promise<KubeObject> {
  const { resource, namespace, name, object } = item
  const config = object as unknown as JsonObject
  const { fieldManager: manager = '' } = write
  const place = { ...object, metadata: { name, ...(namespace && { namespace }) } }
  const options = write
  if (!provenance || write.dryRun) {
    return applyConfig(transport, resource, { on: place, manager, config, options })
  }
  const sign = (served: KubeObject) => givenSignature(served as Workload, provenance)
  const live = await found(transport.get(resource, { namespace, name }))
  if (live) await takeSignature(transport, { item, live, manager })
  const signing = { on: place, manager, config, options, sign }
  return claim(transport, item, await applySigned(transport, resource, signing))
}

/**
 * What is said of the live template, in our own name, becomes the applier's: said anew it would be
 * a conflict, and what is not said again goes in the same write.
 */
async function takeSignature(
  transport: Session['transport'],
  {
    item: { resource, object },
    live,
    manager,
  }: {
    readonly item: ServerApply['item']
    readonly live: KubeObject
    readonly manager: string
  },
): Promise<void> {
  const keys = signedKeys({ hasCause: givesCause(object) })
  if (!keys.some((key) => live.metadata.annotations?.[key] !== undefined)) return
  const wanted = withoutAnnotations(live, keys) as unknown as JsonObject
  const config = object as unknown as JsonObject
  await takeOver(transport, resource, { live, manager, config, wanted })
}

/** kubectl's advice after every conflict. */
const advice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`

async function refusingConflicts(attempt: () => Promise<KubeObject>): Promise<KubeObject> {
  try {
    return await attempt()
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error
    throw new CliError(`${error.message}\n${advice}`)
  }
}

function whoOf({ apiVersion }: KubeObject, { fieldManager = '' }: WriteOptions): Manager {
  return { manager: fieldManager, operation: 'Apply', apiVersion }
}

function clientEntry({ apiVersion, metadata }: KubeObject) {
  const who: Manager = { manager: clientManager, operation: 'Update', apiVersion }
  return metadata.managedFields?.find((entry) => isEntryOf(entry, who))
}

function isOfClient(object: KubeObject, write: WriteOptions): boolean {
  const remembers = object.metadata.annotations?.[lastAppliedAnnotation] !== undefined
  return remembers && write.fieldManager !== clientManager && clientEntry(object) !== undefined
}

/** The memory gets an owner of its own, and what was the client's becomes the applier's. */
async function goOver({ transport, io }: Session, { item, write }: ServerApply): Promise<void> {
  const { resource, namespace, name } = item
  const context = { ...systemContext(), clock: io.clock }
  const attempt = async () => {
    const live = await transport.get(resource, { namespace, name })
    const memory = live.metadata.annotations?.[lastAppliedAnnotation]
    if (memory === undefined || !clientEntry(live)) return
    const config: JsonObject = { metadata: { annotations: { [lastAppliedAnnotation]: memory } } }
    const options = { force: true }
    const kept = await applyConfig(transport, resource, {
      on: live,
      manager: memoryManager,
      config,
      options,
    })
    const managers = mergedManagers(kept, { write, time: timestamp(io.clock.now()) })
    await writeManagers(transport, resource, { object: kept, managers })
  }
  await retryOnConflict(context, attempt, busyTriesMax)
}

function mergedManagers(
  object: KubeObject,
  { write, time }: { readonly write: WriteOptions; readonly time: string },
): Managers {
  const managers = object.metadata.managedFields ?? []
  const [client, who] = [clientEntry(object), whoOf(object, write)]
  const mine = managers.find((entry) => isEntryOf(entry, who))
  const set = union(mine ? setOf(mine) : {}, client ? setOf(client) : {})
  const others = managers.filter((entry) => entry !== client && entry !== mine)
  return settleManagers([...others, newEntry(who, set, mine?.time ?? time)])
}
