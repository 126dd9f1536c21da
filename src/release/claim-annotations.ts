import { isJsonObject, type JsonObject } from '../api/json.ts'
import { difference, type FieldSet, union } from '../api/managed-fields/field-set.ts'
import {
  areSameManagers,
  isEntryOf,
  type Manager,
  type Managers,
  newEntry,
  setOf,
  settleManagers,
  withSet,
} from '../api/managed-fields/managers.ts'
import { changeCauseAnnotation, operationAnnotation } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type { Transport } from '../api/transport.ts'
import { timestamp } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import { busyTriesMax, retryOnConflict } from '../client/retry-on-conflict.ts'
import { applierOf, fieldManager } from './applier.ts'
import { applyConfig, writeManagers } from './apply-exactly.ts'
import { lastApplied } from './manifests/last-applied.ts'
import { provenanceKeys } from './provenance.ts'

/**
 * The owners of an object when provenance is ours, whoever sent it: it goes in the same request as
 * the template, so under the name of whoever applies; but he never says it in a manifest, and the
 * next server-side apply would take away what he does not say any more.
 */
export function managersAfterClaim(
  { metadata, apiVersion }: KubeObject,
  { keys, time }: { readonly keys: readonly string[]; readonly time: string },
): Managers {
  const managers = metadata.managedFields ?? []
  const present = keys.filter((key) => metadata.annotations?.[key] !== undefined)
  if (managers.length === 0 || present.length === 0) return managers
  const who: Manager = { manager: fieldManager, operation: 'Update', apiVersion }
  const annotations = Object.fromEntries(present.map((key) => [`f:${key}`, {}]))
  const claimed: FieldSet = { 'f:metadata': { 'f:annotations': annotations } }
  const mine = managers.find((entry) => isEntryOf(entry, who))
  const others = managers.filter((entry) => entry !== mine)
  const entry = newEntry(who, union(mine ? setOf(mine) : {}, claimed), time)
  return settleManagers([
    ...others.map((each) => withSet(each, difference(setOf(each), claimed))),
    mine && areSameManagers([mine], [entry]) ? mine : entry,
  ])
}

/** Which annotations are ours where the manifest gives a cause of change itself, and where not. */
export function signedKeys({ hasCause }: { readonly hasCause: boolean }): readonly string[] {
  return hasCause ? provenanceKeys : [...provenanceKeys, changeCauseAnnotation]
}

/**
 * Takes the provenance of an object under our own name; changes nothing else, and nothing where the
 * server keeps no owners. `hasCause`: the manifest gives a cause of change itself.
 */
export async function claimProvenance<T extends KubeObject>(
  { context, transport }: ClaimContext,
  resource: Resource<T>,
  { written, hasCause = false }: { readonly written: T; readonly hasCause?: boolean },
): Promise<T> {
  const keys = signedKeys({ hasCause })
  const { namespace, name = '' } = written.metadata
  let known: T | undefined = written
  const attempt = async () => {
    const object = known ?? (await transport.get(resource, { namespace, name }))
    known = undefined
    const time = timestamp(context.clock.now())
    const managers = managersAfterClaim(object, { keys, time })
    const isOurs = areSameManagers(managers, object.metadata.managedFields ?? [])
    const claimed = isOurs ? object : await writeManagers(transport, resource, { object, managers })
    return settleMemory(transport, resource, { on: claimed, keys })
  }
  return retryOnConflict(context, attempt, busyTriesMax)
}

/**
 * The server remembers for kubectl what it applies; what went along in the same request is no part
 * of that, or the next apply on the client's side would take it away.
 */
async function settleMemory<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  { on, keys }: { readonly on: T; readonly keys: readonly string[] },
): Promise<T> {
  const applier = applierOf(on)
  const config = lastApplied(on.metadata.annotations)
  const annotations = annotationsOf(config)
  if (!applier.entry || !config || annotations[operationAnnotation] === undefined) return on
  const given = Object.entries(annotations).filter(([key]) => !keys.includes(key))
  const metadata = { ...(config.metadata as JsonObject), annotations: Object.fromEntries(given) }
  const { manager } = applier
  return applyConfig(transport, resource, { on, manager, config: { ...config, metadata } })
}

function annotationsOf(config: JsonObject | undefined): JsonObject {
  const metadata = config && isJsonObject(config.metadata) ? config.metadata : {}
  return isJsonObject(metadata.annotations) ? metadata.annotations : {}
}

export interface ClaimContext {
  readonly context: Pick<Context, 'clock' | 'prng'>
  readonly transport: Transport
}
