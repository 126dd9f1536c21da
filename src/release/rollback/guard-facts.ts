import type { Deployment, PersistentVolumeClaim } from '../../api/generated/types.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { configMaps, deployments, pods, secrets, serviceAccounts } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { found, type ObservedWorkload } from '../observe-workload.ts'
import { contentDigest, referencesOf } from '../record/configuration.ts'
import { imagesOf } from '../record/release.ts'
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
  const { deployment, releases } = observed
  const target = resolved.state
  const images = new Map<string, ImageAnswer>()
  for (const image of imagesOf(target.template)) images.set(image, await lookUpImage?.(image))
  return {
    target,
    imageIds: resolved.imageIds,
    images,
    releases,
    shared: await sharedConfiguration(transport, observed, resolved),
    missing: await missingObjects(transport, deployment, neededObjects(target)),
    owner: ownerOf(deployment),
    isPaused: deployment.spec?.paused === true,
  }
}

async function missingObjects(
  transport: Transport,
  deployment: Deployment,
  needed: readonly string[],
): Promise<readonly string[]> {
  const { namespace } = deployment.metadata
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

/** ConfigMaps whose content will change, with the Deployments and pods of others that read them. */
async function sharedConfiguration(
  transport: Transport,
  { deployment, configMaps: live, replicaSets }: ObservedWorkload,
  { state }: ResolvedTarget,
): Promise<readonly SharedConfiguration[]> {
  const { namespace, uid } = deployment.metadata
  const changed: string[] = []
  for (const { name, digest } of state.configMaps) {
    const present = live.get(name) ?? (await found(transport.get(configMaps, { namespace, name })))
    if (present && contentDigest(present) !== digest) changed.push(name)
  }
  if (changed.length === 0) return []
  const others = (await transport.list(deployments, { namespace })).items
    .filter(({ metadata }) => metadata.uid !== uid)
    .map(({ metadata, spec }) => ({ who: `deployment/${metadata.name}`, template: spec?.template }))
  const own = new Set(replicaSets.map(({ metadata }) => metadata.uid))
  const loose = (await transport.list(pods, { namespace })).items
    .filter((pod) => !own.has(controllerRef(pod)?.uid))
    .filter((pod) => controllerRef(pod)?.kind !== 'ReplicaSet')
    .map(({ metadata, spec }) => ({ who: `pod/${metadata.name}`, template: spec && { spec } }))
  return changed.flatMap((name) => {
    const readers = [...others, ...loose]
      .filter(({ template }) => template && referencesOf(template).configMaps.includes(name))
      .map(({ who }) => who)
    return readers.length > 0 ? [{ name, readers }] : []
  })
}

/** By the marks that the tools leave on what they apply. */
export function ownerOf({ metadata }: Deployment): Owner | undefined {
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
