import type { KubeObject } from './object.ts'

/** One resource that is served: what discovery says of it, and the type of its objects. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** REST name, plural and lower case. */
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** Whoever uses it is told this, by a Warning with every answer. */
  readonly deprecation?: string
  /** Only for inference; never present at run time. */
  readonly objectType?: T
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: {
  readonly group: string
  readonly version: string
}): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** `deployments.apps`, or `pods` for the core group: the form of error texts. */
export function qualifiedPlural(resource: {
  readonly group: string
  readonly plural: string
}): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}

/** `Deployment.apps`, or `Pod` for the core group. */
export function qualifiedKind(resource: { readonly group: string; readonly kind: string }): string {
  return resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`
}
