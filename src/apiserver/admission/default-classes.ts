import type { Ingress, PersistentVolumeClaim } from '../../api/generated/types.ts'
import {
  defaultIngressClassAnnotation,
  defaultStorageClassAnnotation,
  ingressClassAnnotation,
} from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import {
  ingressClasses,
  ingresses,
  persistentVolumeClaims,
  storageClasses,
} from '../../api/scheme.ts'
import type { Store } from '../../store/store.ts'
import { resourcePrefix } from '../store-keys.ts'

/** The class that says it is the default; of several the newest, then the first by name. */
function defaultOf(store: Store, classes: Resource, annotation: string): string | undefined {
  const marked = store
    .list(resourcePrefix(classes))
    .entries.map(({ object }) => (object as KubeObject).metadata)
    .filter(({ annotations }) => annotations?.[annotation] === 'true')
  const created = ({ creationTimestamp = '' }: KubeObject['metadata']) => creationTimestamp
  return marked.sort((a, b) => (created(a) < created(b) ? 1 : created(a) > created(b) ? -1 : 0))[0]
    ?.name
}

function withStorageClass(store: Store, claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const { spec } = claim
  if (!spec || spec.storageClassName !== undefined) return claim
  const storageClassName = defaultOf(store, storageClasses, defaultStorageClassAnnotation)
  return storageClassName === undefined ? claim : { ...claim, spec: { ...spec, storageClassName } }
}

function withIngressClass(store: Store, ingress: Ingress): Ingress {
  const { metadata, spec = {} } = ingress
  const isNamed = spec.ingressClassName !== undefined
  if (isNamed || metadata.annotations?.[ingressClassAnnotation] !== undefined) return ingress
  const ingressClassName = defaultOf(store, ingressClasses, defaultIngressClassAnnotation)
  return ingressClassName === undefined
    ? ingress
    : { ...ingress, spec: { ...spec, ingressClassName } }
}

/** A new object that names no class gets the one that is marked as default, if there is one. */
export function withDefaultClass(store: Store, resource: Resource, object: KubeObject): KubeObject {
  if (resource === persistentVolumeClaims) {
    return withStorageClass(store, object as PersistentVolumeClaim)
  }
  return resource === ingresses ? withIngressClass(store, object as Ingress) : object
}
