import type { PersistentVolumeClaim, PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { configMaps, pods, secrets, serviceAccounts } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { isWorkloadKind, type Workload, workloadResources } from '../../rollout/workload.ts'
import { comparedClaims } from '../drift-fields.ts'
import { found, type ObservedWorkload } from '../observe-workload.ts'
import { contentDigest, referencesOf } from '../record/configuration.ts'
import { imagesOf } from '../record/release.ts'
import { defaultedWorkload, digest } from '../template.ts'
import { rulesOf } from '../workload/rules-of.ts'
import type { ResolvedTarget } from './find-target.ts'
import {
  type GuardFacts,
  type ImageAnswer,
  neededObjects,
  type Owner,
  type SharedConfiguration,
} from './guards.ts'

/** Asks whoever knows images (a runtime's store, a registry) what a name means now. */
export type ImageLookup = (image: string) => Promise<ImageAnswer>

const claims: Resource = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  categories: [],
  namespaced: true,
} satisfies Resource as Resource<PersistentVolumeClaim & KubeObject>

const resources: Readonly<Record<string, Resource>> = {
  configmap: configMaps,
  secret: secrets,
  serviceaccount: serviceAccounts,
  persistentvolumeclaim: claims,
}

export async function readGuardFacts(
  transport: Transport,
  observed: ObservedWorkload,
  {
    resolved,
    lookUpImage,
  }: {
    readonly resolved: ResolvedTarget
    readonly lookUpImage: ImageLookup | undefined
  },
): Promise<GuardFacts> {
  const { object, releases } = observed
  const target = resolved.state
  const images = new Map<string, ImageAnswer>()
  for (const image of imagesOf(target.template)) images.set(image, await lookUpImage?.(image))
  return {
    target,
    imageIds: resolved.imageIds,
    images,
    releases,
    shared: await sharedConfiguration(transport, observed, resolved),
    missing: await missingObjects(transport, object, neededObjects(target)),
    owner: ownerOf(object),
    isPaused: rulesOf(object).isPaused(object),
    workloadKind: object.kind,
    // Files that are others' too are edited: what else the old manifest says is no part of it.
    fixed: fixedFieldsChanged(object, resolved.paths && target.manifest),
  }
}

async function missingObjects(
  transport: Transport,
  object: Workload,
  needed: readonly string[],
): Promise<readonly string[]> {
  const { namespace } = object.metadata
  const missing: string[] = []
  for (const what of needed) {
    const [kind = '', name = ''] = what.split('/')
    const resource = resources[kind]
    if (resource && !(await exists(transport, resource, { namespace, name }))) missing.push(what)
  }
  return missing
}

/** What one may not look at counts as being there. */
async function exists(
  transport: Transport,
  resource: Resource,
  key: { readonly namespace: string | undefined; readonly name: string },
): Promise<boolean> {
  try {
    return (await found(transport.get(resource, key))) !== undefined
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) return true
    throw error
  }
}

/** ConfigMaps whose content will change, with the workloads and pods of others that read them. */
async function sharedConfiguration(
  transport: Transport,
  { object, configMaps: live }: ObservedWorkload,
  { state }: ResolvedTarget,
): Promise<readonly SharedConfiguration[]> {
  const { namespace } = object.metadata
  const changed: string[] = []
  for (const { name, digest } of state.configMaps) {
    const present = live.get(name) ?? (await found(transport.get(configMaps, { namespace, name })))
    if (present && contentDigest(present) !== digest) changed.push(name)
  }
  if (changed.length === 0) return []
  const readable = [
    ...(await workloadReaders(transport, object)),
    ...(await looseReaders(transport, object)),
  ]
  return changed.flatMap((name) => {
    const readers = readable
      .filter(({ template }) => template && referencesOf(template).configMaps.includes(name))
      .map(({ who }) => who)
    return readers.length > 0 ? [{ name, readers }] : []
  })
}

interface Reader {
  /** `deployment/web`, `pod/x`. */
  readonly who: string
  readonly template: PodTemplateSpec | undefined
}

async function workloadReaders(transport: Transport, own: Workload): Promise<readonly Reader[]> {
  const { namespace, uid } = own.metadata
  const readers: Reader[] = []
  for (const resource of workloadResources) {
    const { items } = await transport.list(resource as Resource<Workload>, { namespace })
    for (const { metadata, spec } of items.filter((each) => each.metadata.uid !== uid)) {
      const who = `${resource.singular}/${metadata.name}`
      readers.push({ who, template: spec?.template })
    }
  }
  return readers
}

/** Pods that no workload has: those of workloads are told by these. */
async function looseReaders(transport: Transport, own: Workload): Promise<readonly Reader[]> {
  const { namespace } = own.metadata
  const isLoose = (kind: string | undefined) => kind !== 'ReplicaSet' && !isWorkloadKind(kind)
  return (await transport.list(pods, { namespace })).items
    .filter((pod) => isLoose(controllerRef(pod)?.kind))
    .map(({ metadata, spec }) => ({ who: `pod/${metadata.name}`, template: spec && { spec } }))
}

/** Fields that a manifest gives another value, and that the server lets nobody change. */
export function fixedFieldsChanged(
  object: Workload,
  manifest: JsonObject | undefined,
): readonly string[] {
  const meant = manifest && defaultedWorkload(manifest)?.spec
  if (!meant) return []
  const specOf = (spec: unknown) => (isJsonObject(spec as JsonValue) ? (spec as JsonObject) : {})
  const [wanted, live] = [specOf(meant), specOf(object.spec)]
  return rulesOf(object).fixedFields.filter((field) => {
    const [then, now] = [wanted[field], live[field]].map((value) =>
      digest(comparedClaims(value || undefined)),
    )
    return then !== now
  })
}

/** By the marks that the tools leave on what they apply. */
export function ownerOf({ metadata }: KubeObject): Owner | undefined {
  const { labels = {}, annotations = {} } = metadata
  const argo =
    annotations['argocd.argoproj.io/tracking-id'] ?? labels['argocd.argoproj.io/instance']
  if (argo !== undefined) {
    const isSuspended = annotations['argocd.argoproj.io/skip-reconcile'] === 'true'
    return { tool: 'Argo CD', name: argo.split(':')[0] ?? argo, isSuspended }
  }
  const flux = labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name']
  if (flux !== undefined) {
    const isSuspended = annotations['kustomize.toolkit.fluxcd.io/reconcile'] === 'disabled'
    return { tool: 'Flux', name: flux, isSuspended }
  }
  const helm = annotations['meta.helm.sh/release-name']
  if (helm === undefined) return undefined
  return { tool: 'Helm', name: helm, isSuspended: false }
}
