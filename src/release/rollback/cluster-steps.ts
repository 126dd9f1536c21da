import type { ConfigMap, Deployment, PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import {
  keepSecretsAnnotation,
  lastAppliedAnnotation,
  restartedAtAnnotation,
} from '../../api/names.ts'
import { configMaps, deployments, secrets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import { retryOnConflict } from '../../client/retry-on-conflict.ts'
import { lastAppliedText } from '../manifests/last-applied.ts'
import { found } from '../observe-workload.ts'
import { type Provenance, writingOf } from '../provenance.ts'
import { type ConfigContent, contentDigest, contentOf } from '../record/configuration.ts'
import { configurationName, keptDigest, keptSecretName } from '../record/record-object.ts'
import { ReleaseError } from '../release-error.ts'
import { isSameTemplate, templateFingerprint } from '../template.ts'
import type { Journal, TargetConfiguration } from './journal.ts'
import { templatePatch } from './template-patch.ts'

export interface ClusterStep {
  readonly context: Pick<Context, 'clock' | 'prng'>
  readonly transport: Transport
  readonly deployment: Deployment
  readonly journal: Journal
}

export const fieldManager = 'astern'

/** Somebody else deployed while Git was moved: what they made is left as it is. */
export class Overtaken extends ReleaseError {
  override readonly name = 'Overtaken'

  constructor(name: string) {
    super(`somebody else has changed ${name} meanwhile: the cluster is left as they made it`)
  }
}

/** Rejects with Overtaken unless the live template is the one that was left, or the target. */
function refuseOvertaken({ journal }: ClusterStep, live: Deployment): void {
  const template = live.spec?.template ?? {}
  const isLeft = templateFingerprint(template) === journal.from.template
  if (isLeft || isSameTemplate(template, journal.target.template)) return
  throw new Overtaken(live.metadata.name ?? '')
}

/** Gives every ConfigMap that the target reads its content back; may be done twice. */
export async function restoreConfiguration(step: ClusterStep): Promise<void> {
  const { namespace, name = '' } = step.deployment.metadata
  refuseOvertaken(step, await step.transport.get(deployments, { namespace, name }))
  for (const wanted of step.journal.target.configMaps) {
    const content = await keptContent(step, wanted)
    await retryOnConflict(step.context, () => restoreOne(step, wanted, content))
  }
  for (const wanted of step.journal.target.secrets ?? []) {
    await retryOnConflict(step.context, () => restoreSecret(step, wanted))
  }
}

/**
 * Only what is there and still asks for it: a credential that was rotated since is not brought back
 * unasked.
 */
async function restoreSecret(
  { transport, deployment }: ClusterStep,
  { name, kept }: { readonly name: string; readonly kept: string },
): Promise<void> {
  const { namespace } = deployment.metadata
  const live = await found(transport.get(secrets, { namespace, name }))
  const asks = live?.metadata.annotations?.[keepSecretsAnnotation] === 'true'
  if (!live || !asks || keptDigest(live.data) === kept) return
  const key = { namespace, name: keptSecretName(deployment, kept) }
  const content = await found(transport.get(secrets, key))
  if (!content) throw new ReleaseError(`the kept content of the Secret ${name} is gone`)
  const { data: _data, ...rest } = live
  const restored = { ...rest, ...(content.data && { data: content.data }) }
  await transport.update(secrets, { namespace, name }, restored, { fieldManager })
}

async function keptContent(
  { transport, deployment }: ClusterStep,
  { name, digest }: TargetConfiguration,
): Promise<ConfigContent> {
  const { namespace } = deployment.metadata
  const key = { namespace, name: configurationName(deployment, digest) }
  const kept = await found(transport.get(configMaps, key))
  if (kept) return contentOf(kept)
  throw new ReleaseError(`the recorded content of the ConfigMap ${name} is gone`)
}

async function restoreOne(
  { transport, deployment }: ClusterStep,
  wanted: TargetConfiguration,
  content: ConfigContent,
): Promise<void> {
  const { namespace = 'default' } = deployment.metadata
  const key = { namespace, name: wanted.name }
  const live = await found(transport.get(configMaps, key))
  const isApplied = (live ?? deployment).metadata.annotations?.[lastAppliedAnnotation] !== undefined
  const text =
    wanted.manifest && isApplied ? lastAppliedText(wanted.manifest, namespace) : undefined
  if (!live) {
    const object = newConfigMap(key, wanted.manifest, { content, text })
    await transport.create(configMaps, { namespace }, object, { fieldManager })
    return
  }
  const { annotations } = live.metadata
  const isSame = contentDigest(live) === wanted.digest
  if (isSame && (text === undefined || annotations?.[lastAppliedAnnotation] === text)) return
  const { data: _data, binaryData: _binaryData, ...rest } = live
  const remembered =
    text === undefined ? annotations : { ...annotations, [lastAppliedAnnotation]: text }
  const metadata = { ...live.metadata, ...(remembered && { annotations: remembered }) }
  await transport.update(configMaps, key, { ...rest, ...content, metadata } as ConfigMap, {
    fieldManager,
  })
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

/**
 * Writes the target's template with its provenance; may be done twice. The server says first what
 * it makes of the template, so that the provenance is said of exactly that.
 */
export async function writeTemplate(step: ClusterStep, provenance: Provenance): Promise<void> {
  const { transport, journal, context } = step
  const { namespace, name = '' } = step.deployment.metadata
  const key = { namespace, name }
  await retryOnConflict(context, async () => {
    const live = await transport.get(deployments, key)
    const present = live.spec?.template
    const written = present && writingOf(live.metadata.annotations, present)
    if (written?.operation === journal.operation) return
    refuseOvertaken(step, live)
    const change = (template: PodTemplateSpec) =>
      templatePatch(live, {
        template,
        manifest: journal.target.manifest,
        resume: journal.resume,
        writing: writingFor(journal, provenance),
      })
    const template = targetTemplate(journal, context.clock.now())
    const dry = { dryRun: true, fieldManager }
    const tried = await transport.patch(deployments, key, change(template), dry)
    const asServed = tried.spec?.template ?? template
    await transport.patch(deployments, key, change(asServed), { fieldManager })
  })
}

function targetTemplate({ target }: Journal, nowMs: number): PodTemplateSpec {
  const { template } = target
  if (!target.restart) return template
  const annotations = {
    ...template.metadata?.annotations,
    [restartedAtAnnotation]: timestamp(nowMs),
  }
  return { ...template, metadata: { ...template.metadata, annotations } }
}

function writingFor({ target, verb, operation }: Journal, provenance: Provenance) {
  const restores = target.restores === undefined ? {} : { restores: target.restores }
  return { provenance, source: verb, operation, ...restores }
}
