import { invalidValue } from '../api/field-errors.ts'
import type {
  Binding,
  Deployment,
  Eviction,
  LabelSelector,
  ReplicationController,
  Scale,
} from '../api/generated/types.ts'
import { compileLabelSelector } from '../api/labels.ts'
import type { FieldSet } from '../api/managed-fields/field-set.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { replicationControllers } from '../api/scheme.ts'
import { invalid, StatusError } from '../api/status-error.ts'
import type { Subresource } from '../api/transport.ts'
import { versionOf } from '../api/versions/versions.ts'
import { strategyOf } from './registry/strategies.ts'
import type { RegistryStrategy } from './registry/strategy.ts'

/** The body's type of `/scale` (H-16). */
export const scales: Resource<Scale> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  singular: 'scale',
  shortNames: [],
  categories: [],
  namespaced: true,
}

/** The body's type of `/binding`. */
export const bindings: Resource<Binding> = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  shortNames: [],
  categories: [],
  namespaced: true,
}

/** The body's type of `/eviction`. */
export const evictions: Resource<Eviction> = {
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  plural: 'evictions',
  singular: 'eviction',
  shortNames: [],
  categories: [],
  namespaced: true,
}

/**
 * An object as one of its subresources shows it: what is read, and what a write of that changes.
 */
export interface View {
  /** The type of the bodies. */
  readonly resource: Resource
  /** Which validation an update takes. */
  readonly validatedAs: 'object' | 'status' | 'none'
  /** Fields that nobody can own by writing here. */
  readonly resetFields: FieldSet
  read(object: KubeObject): KubeObject
  /** The stored object after `body`, whose metadata are already settled, was written over `old`. */
  write(body: KubeObject, old: KubeObject): KubeObject
}

/**
 * The view of the object itself or of a subresource, in the version that the resource stands for.
 * Throws 404 for a subresource that this kind does not have.
 */
export function viewOf(resource: Resource, subresource: Subresource | undefined): View {
  const known = views.get(resource)?.get(subresource)
  if (known) return known
  const view = newView(resource, subresource)
  const ofResource = views.get(resource) ?? new Map<Subresource | undefined, View>()
  views.set(resource, ofResource.set(subresource, view))
  return view
}

/** Made once: every write looks through one. */
const views = new Map<Resource, Map<Subresource | undefined, View>>()

function newView(resource: Resource, subresource: Subresource | undefined): View {
  const view = storedView(strategyOf(resource), subresource)
  const { stored, show, store } = versionOf(resource)
  if (stored === resource || view.resource !== stored) return view
  return {
    ...view,
    resource,
    read: (object) => show(view.read(object)),
    write: (body, old) => view.write(store(body), old),
  }
}

function storedView(strategy: RegistryStrategy, subresource: Subresource | undefined): View {
  const { resource } = strategy
  if (subresource === undefined) {
    const write = (body: KubeObject, old: KubeObject) => strategy.prepareForUpdate(body, old)
    const resetFields = strategy.resetFields.main
    return { resource, validatedAs: 'object', resetFields, read: (object) => object, write }
  }
  if (strategy.subresources.some((name) => name === subresource)) {
    if (subresource === 'status') return statusView(strategy)
    if (subresource === 'scale') return scaleView
    if (subresource === 'finalize') return finalizeView(resource)
  }
  throw new StatusError('NotFound', 'the server could not find the requested resource')
}

function statusView(strategy: RegistryStrategy): View {
  const { resource } = strategy
  const resetFields = strategy.resetFields.status
  const write = (body: KubeObject, old: KubeObject) => strategy.prepareForStatusUpdate(body, old)
  return { resource, validatedAs: 'status', resetFields, read: (object) => object, write }
}

/** Replaces spec.finalizers, nothing else (E-20). */
function finalizeView(resource: Resource): View {
  const write = (body: KubeObject, old: KubeObject) => ({ ...old, ...specOf(body) })
  return { resource, validatedAs: 'none', resetFields: {}, read: (object) => object, write }
}

function specOf(object: KubeObject): object {
  return 'spec' in object ? { spec: object.spec } : {}
}

/** Which pods a workload wants; a ReplicationController says it in plain labels. */
function selectorOf(object: KubeObject): LabelSelector | undefined {
  if (object.kind !== replicationControllers.kind) return (object as Scalable).spec?.selector
  return { matchLabels: (object as ReplicationController).spec?.selector ?? {} }
}

/** Deployments, ReplicaSets and StatefulSets have in common what a Scale shows. */
type Scalable = Pick<Deployment, 'apiVersion' | 'kind' | 'metadata' | 'spec' | 'status'>

const scaleView: View = {
  resource: scales,
  validatedAs: 'object',
  resetFields: {},
  read(object) {
    const { metadata, spec, status } = object as Scalable
    const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
    const selector = compileLabelSelector(selectorOf(object)).text
    const scale: Scale = {
      kind: scales.kind,
      apiVersion: 'autoscaling/v1',
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      spec: { replicas: spec?.replicas ?? 1 },
      status: { replicas: status?.replicas ?? 0, selector },
    }
    return scale
  },
  write(body, old) {
    const replicas = (body as Scale).spec?.replicas ?? 0
    if (replicas < 0) {
      const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')
      throw invalid(scales, old.metadata.name ?? '', [error])
    }
    return { ...old, spec: { ...(old as Scalable).spec, replicas } } as KubeObject
  },
}
