import { type JsonObject, type JsonValue, parseJson } from '../../api/json.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { apiVersionOf } from '../../api/resource.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Patch, WriteOptions } from '../../api/transport.ts'
import { sleep } from '../../base/clock.ts'
import type { Provenance } from '../../release/provenance.ts'
import { builtInModel } from '../built-in-model.ts'
import { CliError } from '../cli-error.ts'
import { whileDoing } from '../error-text.ts'
import { compactJson } from '../print/json-text.ts'
import type { Item } from '../select/items.ts'
import type { Session } from '../session.ts'
import type { ApplyOptions } from './apply-options.ts'
import { claim, signature, signedPatch } from './sign.ts'
import { threeWayPatch } from './three-way-patch.ts'

const attemptsMax = 6
/** From the second attempt on, as upstream waits. */
const pauseMs = 1000

export interface Patched {
  /** As the server has it afterwards. */
  readonly object: KubeObject
  readonly patch: JsonObject
}

export interface PatchOptions extends Omit<ApplyOptions, 'isOnServer'> {
  readonly live: KubeObject
  /** Where the manifest comes from: said in the same patch. */
  readonly provenance?: Provenance | undefined
}

/**
 * Brings the live object in line with the manifest `item.object`; an empty patch is not sent. A
 * conflict with another writer starts anew with the object as it is then.
 */
export async function patchLive(
  session: Session,
  item: Item,
  { live, dryRun, write, provenance }: PatchOptions,
): Promise<Patched> {
  const { transport, io } = session
  const { resource, namespace, name } = item
  let current = live
  for (let attempt = 1; ; attempt++) {
    const patch = patchFor(item, current)
    const body = patch.body as JsonObject
    if (Object.keys(body).length === 0 || dryRun === 'client')
      return { object: current, patch: body }
    try {
      const sign = provenance && !write.dryRun
      const whole = sign ? await withProvenance(session, item, { patch, write, provenance }) : patch
      const object = await transport.patch(resource, { namespace, name }, whole, write)
      return { object: sign ? await claim(transport, item, object) : object, patch: body }
    } catch (error) {
      if (!isStatusError(error, 'Conflict') || attempt >= attemptsMax) {
        throw patchError(error, item, body)
      }
      if (attempt > 1) await sleep(io.clock, pauseMs, io.signal)
      current = await transport.get(resource, { namespace, name })
    }
  }
}

/** The server says first what it makes of the template: the provenance is said of just that. */
async function withProvenance(
  { transport }: Session,
  { resource, namespace, name, object }: Item,
  how: { readonly patch: Patch; readonly write: WriteOptions; readonly provenance: Provenance },
): Promise<Patch> {
  const { patch, write, provenance } = how
  const key = { namespace, name }
  const served = await transport.patch(resource, key, patch, { ...write, dryRun: true })
  const said = signature(served, provenance, object as KubeObject)
  return { ...patch, body: signedPatch(patch.body as JsonObject, said) } as Patch
}

function patchFor({ resource, object: modified, source }: Item, current: KubeObject): Patch {
  const memory = current.metadata.annotations?.[lastAppliedAnnotation]
  const model = builtInModel(resource)
  const versions = {
    original: parseMemory(memory, source),
    modified: modified as unknown as JsonObject,
    current: current as unknown as JsonObject,
  }
  const body = threeWayPatch(versions, model)
  return {
    type: model ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
    body,
  }
}

function parseMemory(memory: string | undefined, source: string | undefined): JsonObject {
  if (!memory) return {}
  try {
    return parseJson(memory) as JsonObject
  } catch (error) {
    throw new CliError(
      `the annotation ${lastAppliedAnnotation} of the live object for ${source} is not JSON: ${(error as Error).message}`,
      { hint: `repair or remove it: kubectl annotate … ${lastAppliedAnnotation}-` },
    )
  }
}

function patchError(error: unknown, item: Item, patch: JsonValue): Error {
  const source = JSON.stringify(item.source)
  const inner = whileDoing(`patching ${source}`, error)
  const what = `applying patch:\n${compactJson(patch)}\nto:\n${describePlace(item)}\nfor: ${source}`
  return whileDoing(what, inner)
}

/** Which object it is, in the words of upstream's long error texts. */
export function describePlace({ resource, namespace = '', name }: Item): string {
  const place = resource.group === '' ? `/${resource.version}` : apiVersionOf(resource)
  return [
    `Resource: "${place}, Resource=${resource.plural}", GroupVersionKind: "${place}, Kind=${resource.kind}"`,
    `Name: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace)}`,
  ].join('\n')
}
