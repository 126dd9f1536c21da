import type { ConfigMap } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { keepSecretsAnnotation, lastAppliedAnnotation } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { configMaps, secrets } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { busyTriesMax, retryOnConflict } from '../../client/retry-on-conflict.ts'
import { resourceOfWorkload, type Workload } from '../../rollout/workload.ts'
import { appliedConfig, applierOf } from '../applier.ts'
import { applyConfig, takeOver } from '../apply-exactly.ts'
import { lastApplied, lastAppliedText } from '../manifests/last-applied.ts'
import { found } from '../observe-workload.ts'
import { type ConfigContent, contentDigest, contentOf } from '../record/configuration.ts'
import { configurationName, keptDigest, keptSecretName } from '../record/record-object.ts'
import { ReleaseError } from '../release-error.ts'
import { type ClusterStep, refuseOvertaken } from './cluster-step.ts'
import type { TargetConfiguration } from './journal.ts'

/** Gives every ConfigMap that the target reads its content back; may be done twice. */
export async function restoreConfiguration(step: ClusterStep): Promise<void> {
  const live = await step.transport.get(resourceOfWorkload(step.object), keyOf(step.object))
  refuseOvertaken(step, live)
  for (const wanted of step.journal.target.configMaps) {
    const content = await keptContent(step, wanted)
    await retryOnConflict(step.context, () => restoreOne(step, wanted, content), busyTriesMax)
  }
  for (const wanted of step.journal.target.secrets ?? []) {
    await retryOnConflict(step.context, () => restoreSecret(step, wanted), busyTriesMax)
  }
}

/**
 * Only what is there and still asks for it: a credential that was rotated since is not brought back
 * unasked.
 */
async function restoreSecret(
  { transport, object }: ClusterStep,
  { name, kept }: { readonly name: string; readonly kept: string },
): Promise<void> {
  const { namespace } = object.metadata
  const live = await found(transport.get(secrets, { namespace, name }))
  const asks = live?.metadata.annotations?.[keepSecretsAnnotation] === 'true'
  if (!live || !asks || keptDigest(live.data) === kept) return
  const key = { namespace, name: keptSecretName(object, kept) }
  const content = await found(transport.get(secrets, key))
  if (!content) throw new ReleaseError(`the kept content of the Secret ${name} is gone`)
  const { data: _data, ...rest } = live
  const restored = { ...rest, ...(content.data && { data: content.data }) }
  await writeContent(transport, secrets, { live, restored, manifest: undefined })
}

/** What the target reads, by name. Rejects with ReleaseError where it is kept no more. */
export async function targetConfiguration(
  step: Pick<ClusterStep, 'transport' | 'object' | 'journal'>,
): Promise<ReadonlyMap<string, ConfigContent>> {
  const contents = new Map<string, ConfigContent>()
  for (const wanted of step.journal.target.configMaps) {
    contents.set(wanted.name, await keptContent(step, wanted))
  }
  return contents
}

async function keptContent(
  { transport, object }: Pick<ClusterStep, 'transport' | 'object'>,
  { name, digest }: TargetConfiguration,
): Promise<ConfigContent> {
  const { namespace } = object.metadata
  const key = { namespace, name: configurationName(object, digest) }
  const kept = await found(transport.get(configMaps, key))
  if (kept) return contentOf(kept)
  throw new ReleaseError(`the recorded content of the ConfigMap ${name} is gone`)
}

async function restoreOne(
  { transport, object }: Pick<ClusterStep, 'transport' | 'object'>,
  wanted: TargetConfiguration,
  content: ConfigContent,
): Promise<void> {
  const { namespace = 'default' } = object.metadata
  const { manifest } = wanted
  const live = await found(transport.get(configMaps, { namespace, name: wanted.name }))
  const isApplied = (live ?? object).metadata.annotations?.[lastAppliedAnnotation] !== undefined
  const applied = manifest ?? withContent(lastApplied(live?.metadata.annotations), content)
  const text = applied && isApplied ? lastAppliedText(applied, namespace) : undefined
  if (!live) {
    const made = newConfigMap({ namespace, name: wanted.name }, manifest, { content, text })
    return orSomebodyElse(
      () => createAsApplied(transport, object, made),
      () => restoreOne({ transport, object }, wanted, content),
    )
  }
  const { annotations } = live.metadata
  const isSame = contentDigest(live) === wanted.digest
  if (isSame && (text === undefined || annotations?.[lastAppliedAnnotation] === text)) return
  const { data: _data, binaryData: _binaryData, ...rest } = live
  const remembered =
    text === undefined ? annotations : { ...annotations, [lastAppliedAnnotation]: text }
  const metadata = { ...live.metadata, ...(remembered && { annotations: remembered }) }
  const restored: ConfigMap = { ...rest, ...content, metadata }
  await writeContent(transport, configMaps, { live, restored, manifest })
}

/** Somebody may create it in the same moment. */
async function orSomebodyElse(
  create: () => Promise<void>,
  thenAgain: () => Promise<void>,
): Promise<void> {
  try {
    await create()
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
    await thenAgain()
  }
}

/** What was applied last, as if it had had this content: Git gets it, too. */
function withContent(
  applied: JsonObject | undefined,
  content: ConfigContent,
): JsonObject | undefined {
  if (!applied) return undefined
  const { data: _data, binaryData: _binaryData, ...rest } = applied
  return { ...rest, ...(contentOf(content) as JsonObject) }
}

interface ContentWrite<T extends KubeObject> {
  readonly live: T
  /** Live with the content that comes back. */
  readonly restored: T
  readonly manifest: JsonObject | undefined
}

/** In the name of whoever applies the object, so that his next apply finds what it left. */
async function writeContent<T extends KubeObject & ConfigContent>(
  transport: Transport,
  resource: Resource<T>,
  { live, restored, manifest }: ContentWrite<T>,
): Promise<void> {
  const applier = applierOf(live)
  if (!applier.entry) {
    const { namespace, name = '' } = live.metadata
    const options = { fieldManager: applier.manager }
    await transport.update(resource, { namespace, name }, restored, options)
    return
  }
  const { data: _data, binaryData: _binaryData, ...rest } = appliedConfig(live, applier.entry)
  const content = contentOf(restored) as JsonObject
  const config = manifest ?? { ...rest, ...content }
  const { data: _old, binaryData: _oldBinary, ...same } = live as unknown as JsonObject
  const wanted = { ...same, ...content }
  const { manager } = applier
  const on = await takeOver(transport, resource, { live, manager, config, wanted })
  await applyConfig(transport, resource, { on, manager, config })
}

/** As whoever applies the workload would have created it. */
async function createAsApplied(
  transport: Transport,
  workload: Workload,
  object: ConfigMap,
): Promise<void> {
  const { manager, entry } = applierOf(workload)
  if (entry) {
    const config = object as unknown as JsonObject
    await applyConfig(transport, configMaps, { on: object, manager, config })
    return
  }
  const { namespace } = object.metadata
  await transport.create(configMaps, { namespace }, object, { fieldManager: manager })
}

function newConfigMap(
  key: { readonly namespace: string; readonly name: string },
  manifest: JsonObject | undefined,
  { content, text }: { readonly content: ConfigContent; readonly text: string | undefined },
): ConfigMap {
  const given = manifest && isJsonObject(manifest.metadata) ? manifest.metadata : {}
  const annotations = {
    ...(given.annotations as { readonly [key: string]: string } | undefined),
    ...(text !== undefined && { [lastAppliedAnnotation]: text }),
  }
  const labels = given.labels as { readonly [key: string]: string } | undefined
  const metadata = { ...key, annotations, ...(labels && { labels }) }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...content }
}
