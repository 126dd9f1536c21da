import type {
  ConfigMap,
  Deployment,
  Pod,
  PodTemplateSpec,
  ReplicaSet,
  Secret,
} from '../api/generated/types.ts'
import { podTemplateHashLabel } from '../api/names.ts'
import { controllerRef, type KubeObject } from '../api/object.ts'
import { configMaps, deployments, pods, replicaSets, secrets } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { findNewReplicaSet } from '../rollout/new-replica-set.ts'
import { type References, referencesOf } from './record/configuration.ts'
import { parseRelease, recordSelector } from './record/record-object.ts'
import type { Release, WorkloadKey } from './record/release.ts'

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
export interface ObservedWorkload extends LiveConfiguration {
  readonly deployment: Deployment
  readonly template: PodTemplateSpec
  /** Those that it controls. */
  readonly replicaSets: readonly ReplicaSet[]
  readonly newReplicaSet: ReplicaSet | undefined
  /** Of the new ReplicaSet. */
  readonly pods: readonly Pod[]
  /** In ascending order. */
  readonly releases: readonly Release[]
}

/** undefined when the workload does not exist. */
export async function observeWorkload(
  transport: Transport,
  { namespace, name }: WorkloadKey,
): Promise<ObservedWorkload | undefined> {
  const deployment = await found(transport.get(deployments, { namespace, name }))
  const template = deployment?.spec?.template
  if (!deployment || !template) return undefined
  const owned = (await transport.list(replicaSets, { namespace })).items.filter(
    (each) => controllerRef(each)?.uid === deployment.metadata.uid,
  )
  const newReplicaSet = findNewReplicaSet(deployment, owned)
  return {
    deployment,
    template,
    replicaSets: owned,
    newReplicaSet,
    pods: newReplicaSet ? await podsOf(transport, newReplicaSet) : [],
    releases: await readReleases(transport, deployment),
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

async function podsOf(transport: Transport, replicaSet: ReplicaSet): Promise<readonly Pod[]> {
  const { namespace, labels, uid } = replicaSet.metadata
  const hash = labels?.[podTemplateHashLabel]
  const options = hash === undefined ? {} : { labelSelector: `${podTemplateHashLabel}=${hash}` }
  const { items } = await transport.list(pods, { namespace }, options)
  return items.filter((pod) => controllerRef(pod)?.uid === uid)
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
