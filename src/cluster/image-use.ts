import type { Container, PodSpec, PodTemplateSpec } from '../api/generated/types.ts'
import { recordLabel } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import {
  configMaps,
  controllerRevisions,
  daemonSets,
  deployments,
  pods,
  replicaSets,
  statefulSets,
} from '../api/scheme.ts'
import type { Transport } from '../api/transport.ts'
import { fullReference } from '../node/images/reference.ts'
import { parseRelease } from '../release/record/record-object.ts'

/** What images are needed for, by what the cluster holds now. */
export interface ImageUse {
  /** Full reference -> who would run it, or go back to it: `replicaset/web-abc (default)`. */
  readonly byReference: ReadonlyMap<string, readonly string[]>
  /** Content that runs, or that a release ran, whatever references mean by now. */
  readonly digests: ReadonlySet<string>
}

interface Workload extends KubeObject {
  readonly spec?: { readonly template?: PodTemplateSpec }
}

interface User {
  readonly who: string
  readonly spec: PodSpec | undefined
}

/** Reads all that could start a container again: workloads, kept revisions, releases, pods. */
export async function readImageUse(transport: Transport): Promise<ImageUse> {
  const byReference = new Map<string, string[]>()
  const digests = new Set<string>()
  const releases = (
    await transport.list(configMaps, {}, { labelSelector: `${recordLabel}=release` })
  ).items.flatMap((object) => parseRelease(object) ?? [])
  const workloads = await workloadUsers(transport)
  const running = (await transport.list(pods, {})).items
  const users = [
    ...workloads,
    ...running.map((pod) => ({ who: nameOf(pod), spec: pod.spec })),
    ...releases.map(({ name, template }) => ({ who: `release ${name}`, spec: template.spec })),
  ]
  for (const { who, spec } of users) {
    for (const image of imagesOf(spec)) {
      const full = fullReference(image)
      if (full) byReference.set(full, [...(byReference.get(full) ?? []), who])
    }
  }
  for (const { imageIds } of releases)
    for (const id of Object.values(imageIds)) digests.add(digestOf(id))
  for (const { status } of running) {
    const { containerStatuses = [], initContainerStatuses = [] } = status ?? {}
    for (const { imageID } of [...containerStatuses, ...initContainerStatuses]) {
      digests.add(digestOf(imageID))
    }
  }
  return { byReference, digests }
}

async function workloadUsers(transport: Transport): Promise<readonly User[]> {
  const templates = await Promise.all(
    [deployments, replicaSets, statefulSets, daemonSets].map(async (resource) => {
      const { items } = await transport.list(resource as Resource<Workload>, {})
      return items.map((object) => ({ who: nameOf(object), spec: object.spec?.template?.spec }))
    }),
  )
  const revisions = (await transport.list(controllerRevisions, {})).items.map((object) => {
    const { spec } = (object.data ?? {}) as { spec?: { template?: { spec?: PodSpec } } }
    return { who: nameOf(object), spec: spec?.template?.spec }
  })
  return [...templates.flat(), ...revisions]
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind.toLowerCase()}/${metadata.name} (${metadata.namespace})`
}

function imagesOf(spec: PodSpec | undefined): readonly string[] {
  const containers: readonly Container[] = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []),
  ]
  return containers.flatMap(({ image }) => image ?? [])
}

function digestOf(imageId: string): string {
  return imageId.replace(/^.*(?=sha256:)/, '')
}
