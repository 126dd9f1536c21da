import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { setOf } from '../../api/managed-fields/managers.ts'
import { changeCauseAnnotation, restartedAtAnnotation } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import type { Transport } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import { busyTriesMax, retryOnConflict } from '../../client/retry-on-conflict.ts'
import { resourceOfWorkload, type Workload } from '../../rollout/workload.ts'
import { type Applier, appliedConfig, applierOf, fieldManager } from '../applier.ts'
import { applySigned, takeOver, withAnnotations } from '../apply-exactly.ts'
import { claimProvenance } from '../claim-annotations.ts'
import { reviseManifest } from '../manifests/revise-template.ts'
import {
  type Provenance,
  provenanceAnnotations,
  provenanceKeys,
  withoutProvenance,
  writingOf,
} from '../provenance.ts'
import { type ClusterStep, refuseOvertaken } from './cluster-step.ts'
import type { Journal } from './journal.ts'
import { templatePatch } from './template-patch.ts'

/**
 * Writes the target's template with its provenance, in the name of whoever applies the workload, so
 * that his next apply finds what it left; may be done twice. The server says first what it makes of
 * the template, so that the provenance is said of exactly that. Once Git has moved, a status that
 * is written meanwhile is no reason to give up; whoever changes the template is told from that by
 * `refuseOvertaken`.
 */
export async function writeTemplate(step: ClusterStep, provenance: Provenance): Promise<void> {
  const { transport, journal, context } = step
  const resource = resourceOfWorkload(step.object)
  // Of a restart the moment is said once: another one in the next try would be another restart.
  const template = targetTemplate(journal, context.clock.now())
  const attempt = async () => {
    const live = await transport.get(resource, keyOf(step.object))
    const present = live.spec?.template
    const writing = present && writingOf(live.metadata.annotations, present)
    if (writing?.operation === journal.operation) return live
    refuseOvertaken(step, live)
    const applier = applierOf(live)
    const write = { live, applier, template, provenance }
    return applier.entry ? writeApplied(step, write) : writePatch(step, write)
  }
  const written = await retryOnConflict(context, attempt, busyTriesMax)
  const hasCause = annotationsOf(journal.target.manifest)[changeCauseAnnotation] !== undefined
  await claimProvenance(step, resource, { written, hasCause })
}

interface TemplateWrite {
  readonly live: Workload
  readonly applier: Applier
  readonly template: PodTemplateSpec
  readonly provenance: Provenance
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

/** As an apply on the client's side. */
async function writePatch(
  { transport, journal }: ClusterStep,
  { live, applier, template, provenance }: TemplateWrite,
): Promise<Workload> {
  const [resource, key] = [resourceOfWorkload(live), keyOf(live)]
  const change = (each: PodTemplateSpec) =>
    templatePatch(live, {
      template: each,
      manifest: journal.target.manifest,
      resume: journal.resume,
      writing: writingFor(journal, provenance),
    })
  const options = { fieldManager: applier.manager }
  const dry = { ...options, dryRun: true }
  const tried = await transport.patch(resource, key, change(template), dry)
  const asServed = tried.spec?.template ?? template
  return transport.patch(resource, key, change(asServed), options)
}

/** As an apply on the server's side. */
async function writeApplied(
  { transport, journal }: ClusterStep,
  { live: seen, applier, template, provenance }: TemplateWrite,
): Promise<Workload> {
  const resource = resourceOfWorkload(seen)
  const live = journal.target.restart ? await restart(transport, seen, template) : seen
  const config = configOf(live, applier, journal)
  const sign = ({ spec }: Workload) =>
    provenanceAnnotations(writingFor(journal, provenance), spec?.template ?? template)
  const wanted = wantedOf(live, template, journal.resume)
  const { manager } = applier
  // With what will be said of the new template: what was said of the old one goes with it.
  const signed = withAnnotations(config, sign(live))
  const on = await takeOver(transport, resource, { live, manager, config: signed, wanted })
  return applySigned(transport, resource, { on, manager, config, sign })
}

/** In our own name: an applier who owned it would take it away again, which is one more restart. */
function restart(
  transport: Transport,
  live: Workload,
  { metadata }: PodTemplateSpec,
): Promise<Workload> {
  const at = metadata?.annotations?.[restartedAtAnnotation] ?? null
  const body = {
    spec: { template: { metadata: { annotations: { [restartedAtAnnotation]: at } } } },
  }
  const patch = { type: 'application/merge-patch+json', body } as const
  return transport.patch(resourceOfWorkload(live), keyOf(live), patch, { fieldManager })
}

/**
 * What the applier shall own: the manifest, with the size as it lives if that is his, and without
 * one if it is another's.
 */
function configOf(live: Workload, { entry }: Applier, { target }: Journal): JsonObject {
  const applied = entry ? appliedConfig(live, entry) : {}
  const manifest = target.manifest ?? reviseManifest(applied, target.template)
  const { replicas: _, ...spec } = isJsonObject(manifest.spec) ? manifest.spec : {}
  const isHis = entry !== undefined && setOf(entry)['f:spec']?.['f:replicas'] !== undefined
  const size = isHis ? { replicas: (live.spec as unknown as JsonObject).replicas } : {}
  const given = Object.entries(annotationsOf(manifest))
  const annotations = Object.fromEntries(given.filter(([key]) => !provenanceKeys.includes(key)))
  const metadata = { ...(manifest.metadata as JsonObject), annotations }
  return { ...manifest, metadata, spec: { ...spec, ...size } } as JsonObject
}

function annotationsOf(manifest: JsonObject | undefined): JsonObject {
  const metadata = manifest && isJsonObject(manifest.metadata) ? manifest.metadata : {}
  return isJsonObject(metadata.annotations) ? metadata.annotations : {}
}

function wantedOf(live: Workload, template: PodTemplateSpec, isResumed: boolean): JsonObject {
  const { paused, ...spec } = (live.spec ?? {}) as unknown as JsonObject
  const pause = paused === undefined || isResumed ? {} : { paused }
  const bare = withoutProvenance(live)
  return { ...bare, spec: { ...spec, ...pause, template } } as unknown as JsonObject
}
