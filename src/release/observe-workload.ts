import type { ConfigMap, PodTemplateSpec, Secret } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import { configMaps, secrets } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { type Workload, workloadResource } from '../rollout/workload.ts'
import { type References, referencesOf } from './record/configuration.ts'
import { parseRelease, recordSelector } from './record/record-object.ts'
import type { Release, WorkloadKey } from './record/release.ts'
import { rulesOf } from './workload/rules-of.ts'
import type { WorkloadRevisions } from './workload/workload-rules.ts'

/** `unreadable`: whoever asks has no right to it. */
export type SecretFound =
  | { readonly name: string; readonly state: 'found'; readonly secret: Secret }
  | { readonly name: string; readonly state: 'missing' | 'unreadable' }

/** What the live template reads, as it is now. */
export interface LiveConfiguration {
  readonly references: References
  /** Those that exist, by name. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  readonly secrets: readonly SecretFound[]
}

/** A workload with everything that its release is made of, read at one moment. */
export interface ObservedWorkload extends LiveConfiguration, WorkloadRevisions {
  /** The workload itself. */
  readonly object: Workload
  readonly template: PodTemplateSpec
  /** In ascending order. */
  readonly releases: readonly Release[]
}

/** undefined when the workload does not exist. */
export async function observeWorkload(
  transport: Transport,
  { kind, namespace, name }: WorkloadKey,
): Promise<ObservedWorkload | undefined> {
  const object = await found(transport.get(workloadResource(kind), { namespace, name }))
  const template = object?.spec?.template
  if (!object || !template) return undefined
  return {
    object,
    template,
    ...(await rulesOf(object).observe(transport, object)),
    releases: await readReleases(transport, object),
    ...(await readConfiguration(transport, namespace, template)),
  }
}

/** The object, or undefined where there is none. */
export async function found<T extends KubeObject>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}

/** Every release of a workload, ascending. */
export async function readReleases(
  transport: Transport,
  workload: KubeObject,
): Promise<readonly Release[]> {
  const { namespace } = workload.metadata
  const labelSelector = recordSelector(workload, 'release')
  const { items } = await transport.list(configMaps, { namespace }, { labelSelector })
  return items.flatMap((item) => parseRelease(item) ?? []).sort((a, b) => a.number - b.number)
}

/** What a template reads, as it is in the cluster now. */
export async function readConfiguration(
  transport: Transport,
  namespace: string,
  template: PodTemplateSpec,
): Promise<LiveConfiguration> {
  const references = referencesOf(template)
  const read = new Map<string, ConfigMap>()
  for (const name of references.configMaps) {
    const configMap = await found(transport.get(configMaps, { namespace, name }))
    if (configMap) read.set(name, configMap)
  }
  const readSecrets: SecretFound[] = []
  for (const name of references.secrets) {
    readSecrets.push(await readSecret(transport, namespace, name))
  }
  return { references, configMaps: read, secrets: readSecrets }
}

async function readSecret(
  transport: Transport,
  namespace: string,
  name: string,
): Promise<SecretFound> {
  try {
    const secret = await found(transport.get(secrets, { namespace, name }))
    return secret ? { name, state: 'found', secret } : { name, state: 'missing' }
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) return { name, state: 'unreadable' }
    throw error
  }
}
