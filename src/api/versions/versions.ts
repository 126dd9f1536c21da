import { decodeObject } from '../decode.ts'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import type { KubeObject } from '../object.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import { storedResource } from '../scheme.ts'
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler-v1.ts'
import type { VersionConversion } from './served-version.ts'

/** A version in which a resource is served; of most there is but one, the stored one. */
export interface ServedVersion {
  readonly resource: Resource
  readonly stored: Resource
  /** A stored object as this version shows it, decoded, with this version's defaults. */
  show(stored: KubeObject): KubeObject
  /** What is stored for an object of this version, decoded, with the stored version's defaults. */
  store(shown: KubeObject): KubeObject
  /** Both ways without defaults: parts of an object stay parts. */
  readonly bare: Pick<VersionConversion, 'show' | 'store'>
}

/** A new version is one file beside this one, one line here, and one in the scheme. */
const conversions: readonly VersionConversion[] = [horizontalPodAutoscalerV1]

const same = (object: KubeObject) => object
const asStored = { show: same, store: same, bare: { show: same, store: same } }

function decoded(resource: Resource, object: KubeObject): KubeObject {
  return decodeObject(resource, { value: object }, 'Ignore').object
}

function servedVersion({ resource, show, store }: VersionConversion): ServedVersion {
  const stored = storedResource(resource)
  const bare = {
    show: (object: KubeObject) => decoded(resource, show(object)),
    store: (object: KubeObject) => decoded(stored, store(object)),
  }
  return {
    resource,
    stored,
    show: (object) => applyDefaults(resource, bare.show(object)),
    store: (object) => applyDefaults(stored, bare.store(object)),
    bare,
  }
}

const versions = conversions.map(servedVersion)
const byResource = new Map(versions.map((version) => [version.resource, version]))

/** How the version that a resource stands for is stored and shown. */
export function versionOf(resource: Resource): ServedVersion {
  return byResource.get(resource) ?? { resource, stored: resource, ...asStored }
}

/** The version of a resource with this apiVersion; undefined where it is not served. */
export function versionNamed(resource: Resource, apiVersion: string): ServedVersion | undefined {
  const stored = storedResource(resource)
  if (apiVersionOf(stored) === apiVersion) return versionOf(stored)
  return versions.find(
    (version) => version.stored === stored && apiVersionOf(version.resource) === apiVersion,
  )
}

/** An object of any served version in the form in which it is stored. */
export function storedForm(object: KubeObject): KubeObject {
  const version = versions.find(
    ({ resource }) => resource.kind === object.kind && apiVersionOf(resource) === object.apiVersion,
  )
  return version ? version.store(object) : object
}
