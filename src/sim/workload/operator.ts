import type {
  ControllerRevision,
  Deployment,
  Pod,
  PodSpec,
  PodTemplateSpec,
  ReplicaSet,
} from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { restartedAtAnnotation, revisionAnnotation } from '../../api/names.ts'
import { controllerRef, type KubeObject, keyOf } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { controllerRevisions, deployments, nodes, pods, replicaSets } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Patch, Transport } from '../../api/transport.ts'
import { sleep, timestamp } from '../../base/clock.ts'
import { pick, randomInt } from '../../base/prng.ts'
import type { VirtualCluster } from '../../cluster/virtual/virtual-cluster.ts'
import type { Runtime } from '../../node/runtime.ts'
import { planUndo } from '../../rollout/undo.ts'
import { templateText } from '../template-text.ts'
import { uidOf, type Workload, type World } from '../world.ts'
import {
  type Application,
  applications,
  bareReplicaSet,
  drawImage,
  drawManifest,
  drawReplicas,
  drawStrategy,
  drawTemplate,
  keyOfApplication,
} from './manifests.ts'

const strategic = 'application/strategic-merge-patch+json'
const merge = 'application/merge-patch+json'
/** Longer than a start takes, for which whoever asks a runtime may have to wait. */
const answerMsMax = 60_000
const policies = ['Background', 'Foreground', 'Orphan'] as const

type Act = (application: Application, present: Workload) => Promise<string>

export interface OperatorOptions {
  readonly cluster: VirtualCluster
  readonly world: World
  /** Hears what is done. */
  readonly tell: (text: string) => void
  /** Hears what has not done what it should. */
  readonly accuse: (invariant: string, what: string) => void
}

/** Does to applications, pods and nodes what people do, by the seed. */
export class Operator {
  readonly #cluster: VirtualCluster
  readonly #world: World
  readonly #tell: (text: string) => void
  readonly #accuse: OperatorOptions['accuse']
  readonly #acts: readonly Act[]

  constructor({ cluster, world, tell, accuse }: OperatorOptions) {
    this.#cluster = cluster
    this.#world = world
    this.#tell = tell
    this.#accuse = accuse
    const acts: readonly (readonly [number, Act])[] = [
      [4, (application) => this.#scale(application)],
      [6, (application) => this.#changeTemplate(application)],
      [4, (application, present) => this.#undo(application, present)],
      [2, (application, present) => this.#pauseOrResume(application, present)],
      [2, (application) => this.#restart(application)],
      [2, (application) => this.#changeStrategy(application)],
      [1, (application) => this.#delete(application)],
      [2, (application, present) => this.#killPod(application, present)],
      [1, (application, present) => this.#crashContainer(application, present)],
      [1, () => this.#drain()],
    ]
    this.#acts = acts.flatMap(([weight, act]) => Array<Act>(weight).fill(act))
  }

  /** One operation. */
  async act(): Promise<void> {
    const application = pick(this.#prng, applications)
    const present = await this.#read(application)
    const what = present
      ? await pick(this.#prng, this.#acts)(application, present).catch(refusal)
      : await this.#create(application)
    this.#tell(what)
  }

  /** Brings everything to where it can be healthy: whoever waits for it then waits in vain. */
  async settle(): Promise<void> {
    for (const node of await this.#nodes()) await this.#cordon(node.metadata.name ?? '', false)
    for (const application of applications) {
      const present = await this.#read(application)
      if (!present || present.metadata.deletionTimestamp) continue
      const isDeployment = application.resource.kind === 'Deployment'
      const template = { spec: { containers: [{ name: 'app', image: 'good:settled' }] } }
      const specs = [present.spec?.template?.spec, ...this.#world.podsOf(present).map(podSpec)]
      await this.#patch(application, {
        ...(isDeployment && { paused: null }),
        ...(specs.some((spec) => !isHealthy(spec)) && {
          template,
          ...(!isDeployment && rolling(application)),
        }),
      })
    }
    for (const pod of this.#world.all<Pod>('Pod')) await this.#removeIfLost(pod)
    this.#tell('everything is put right')
  }

  /** One that works for nobody, since its workload went and left it, and cannot be healthy. */
  async #removeIfLost(pod: Pod): Promise<void> {
    if (this.#world.workloadOf(pod) || isHealthy(pod.spec)) return
    const replicaSet = this.#world.byUid(controllerRef(pod)?.uid ?? '')
    const [resource, lost] = replicaSet ? [replicaSets, replicaSet] : [pods, pod]
    await this.#transport.delete<KubeObject>(resource as Resource, keyOf(lost)).catch(refusal)
  }

  get #prng() {
    return this.#cluster.context.prng
  }

  get #transport(): Transport {
    return this.#cluster.transport
  }

  async #read(application: Application): Promise<Workload | undefined> {
    const { resource } = application
    const found = await this.#transport.get(resource, keyOfApplication(application)).catch(missing)
    return found as Workload | undefined
  }

  async #patch(application: Application, spec: object): Promise<void> {
    const patch = { type: strategic, body: { spec } as JsonValue } as const
    await this.#transport.patch(application.resource, keyOfApplication(application), patch)
  }

  async #create(application: Application): Promise<string> {
    const { resource, name } = application
    const manifest = drawManifest(this.#prng, application)
    if (resource.kind === 'Deployment' && this.#prng.next() < 0.3) {
      const bare = bareReplicaSet(manifest as Deployment)
      await this.#transport.create(replicaSets, { namespace: 'default' }, bare).catch(refusal)
    }
    await this.#transport.create(resource, { namespace: 'default' }, manifest)
    return `create ${resource.kind} ${name}`
  }

  async #scale(application: Application): Promise<string> {
    const { resource, name } = application
    if (resource.kind === 'DaemonSet') return 'nothing: a DaemonSet has no size'
    const replicas = drawReplicas(this.#prng)
    await this.#patch(application, { replicas })
    return `scale ${name} to ${replicas}`
  }

  async #changeTemplate(application: Application): Promise<string> {
    const { name } = application
    const image = drawImage(this.#prng)
    const template = drawTemplate(this.#prng, name, image)
    await this.#patch(application, { template })
    return `${name} gets ${image}`
  }

  async #restart(application: Application): Promise<string> {
    const at = timestamp(this.#cluster.clock.now())
    const template = { metadata: { annotations: { [restartedAtAnnotation]: at } } }
    await this.#patch(application, { template })
    return `restart ${application.name}`
  }

  async #changeStrategy(application: Application): Promise<string> {
    const fields = drawStrategy(this.#prng, application)
    const patch: Patch = { type: merge, body: { spec: fields } as JsonValue }
    await this.#transport.patch(application.resource, keyOfApplication(application), patch)
    return `${application.name} gets ${JSON.stringify(fields)}`
  }

  async #pauseOrResume(application: Application, present: Workload): Promise<string> {
    if (application.resource.kind !== 'Deployment') return 'nothing: it cannot be paused'
    const paused = (present as Deployment).spec?.paused !== true
    await this.#patch(application, { paused: paused ? true : null })
    return `${paused ? 'pause' : 'resume'} ${application.name}`
  }

  async #undo(application: Application, present: Workload): Promise<string> {
    return application.resource.kind === 'Deployment'
      ? this.#undoDeployment(application, present as Deployment)
      : this.#undoRevision(application, present)
  }

  async #undoDeployment(application: Application, present: Deployment): Promise<string> {
    // The patch replaces its annotations: there are none before its first pass.
    if (!present.metadata.annotations) return `nothing: ${application.name} is too new`
    const { items } = await this.#transport.list<ReplicaSet>(replicaSets, { namespace: 'default' })
    const owned = items.filter((each) => controllerRef(each)?.uid === uidOf(present))
    const revisions = [0n, ...owned.map((each) => BigInt(revisionText(each)))]
    const to = pick(this.#prng, revisions)
    const asked = owned.filter((each) => to === 0n || revisionText(each) === String(to))
    const isAsked = ({ spec }: Deployment) =>
      asked.some((each) => isSameTemplate(each.spec?.template, spec?.template))
    const accuse = (what: string) => this.#accuse('undo', `${application.name} ${what}`)
    const plan = planUndo(present, owned, to)
    if (plan.outcome === 'skip' && !isAsked(present)) accuse(`stays, and is not as ${to} was`)
    if (plan.outcome !== 'patch') return `undo ${application.name} to ${to}: ${plan.message}`
    const key = keyOfApplication(application)
    const undone = await this.#transport.patch<Deployment>(deployments, key, plan.patch)
    if (!isAsked(undone)) accuse(`is not as revision ${to} was`)
    return `undo ${application.name} to ${to}`
  }

  async #undoRevision(application: Application, present: Workload): Promise<string> {
    const { items } = await this.#transport.list<ControllerRevision>(controllerRevisions, {
      namespace: 'default',
    })
    const owned = items.filter((each) => controllerRef(each)?.uid === uidOf(present))
    if (owned.length === 0) return `nothing: ${application.name} has no history`
    const { data, revision } = pick(this.#prng, owned)
    const patch = { type: strategic, body: data as JsonValue } as const
    await this.#transport.patch(application.resource, keyOfApplication(application), patch)
    return `undo ${application.name} to ${revision}`
  }

  async #delete(application: Application): Promise<string> {
    const propagationPolicy = pick(this.#prng, policies)
    const key = keyOfApplication(application)
    await this.#transport.delete(application.resource, key, { propagationPolicy })
    return `delete ${application.name}, ${propagationPolicy}`
  }

  async #killPod(_: Application, present: Workload): Promise<string> {
    const all = this.#world.podsOf(present)
    if (all.length === 0) return 'nothing: there is no pod'
    const pod = pick(this.#prng, all)
    this.#world.excuse(pod)
    const isForced = this.#prng.next() < 0.3
    if (isForced) this.#world.force(uidOf(pod))
    const options = isForced ? { gracePeriodSeconds: 0 } : {}
    await this.#transport.delete(pods, keyOf(pod), options)
    return `kill pod ${pod.metadata.name}${isForced ? ' by force' : ''}`
  }

  /** As by a bug in the program: the pod stays, its container starts again. */
  async #crashContainer(_: Application, present: Workload): Promise<string> {
    const pod = this.#world.podsOf(present)[0]
    const node = this.#cluster.nodes.find(({ name }) => name === pod?.spec?.nodeName)
    if (!pod || !node?.runtime) return 'nothing: no container runs'
    // A machine that loses its power in the middle of it never answers.
    const late = sleep(this.#cluster.clock, answerMsMax).then(() => 'nothing: no answer')
    return Promise.race([this.#crashContainerOf(pod, node.runtime), late])
  }

  async #crashContainerOf(pod: Pod, runtime: Runtime): Promise<string> {
    const running = (await runtime.containers()).find(
      ({ podUid, state }) => podUid === pod.metadata.uid && state.phase === 'running',
    )
    if (!running) return 'nothing: no container runs'
    this.#world.excuse(pod)
    await runtime.stopContainer(running, 0)
    return `crash the container of ${pod.metadata.name}`
  }

  /** Cordons a node, sends its pods away, and lets it be used again after a while. */
  async #drain(): Promise<string> {
    const node = pick(this.#prng, this.#cluster.nodes)
    await this.#cordon(node.name, true)
    const here = this.#world.all<Pod>('Pod').filter(({ spec }) => spec?.nodeName === node.name)
    for (const pod of here) {
      if (controllerRef(pod)?.kind === 'DaemonSet') continue
      this.#world.excuse(pod)
      await this.#transport.delete(pods, keyOf(pod)).catch(refusal)
    }
    const forMs = randomInt(this.#prng, 240_000)
    this.#cluster.clock.setTimeout(() => void this.#cordon(node.name, false), forMs)
    return `drain ${node.name}`
  }

  async #nodes(): Promise<readonly KubeObject[]> {
    return (await this.#transport.list(nodes, {})).items
  }

  async #cordon(name: string, unschedulable: boolean): Promise<void> {
    const body = { spec: { unschedulable: unschedulable || null } }
    await this.#transport.patch(nodes, { name }, { type: merge, body }).catch(refusal)
  }
}

/** Old pods that cannot be healthy go, too. */
function rolling({ resource }: Application): object {
  const rollingUpdate =
    resource.kind === 'StatefulSet' ? { partition: 0 } : { maxSurge: 0, maxUnavailable: 1 }
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate } }
}

const podSpec = ({ spec }: Pod) => spec

function isHealthy(spec: PodSpec | undefined): boolean {
  return /^(good|slow)/.test(spec?.containers[0]?.image ?? '')
}

function missing(error: unknown): undefined {
  if (isStatusError(error, 'NotFound')) return undefined
  throw error
}

const passing: readonly string[] = ['NotFound', 'Conflict', 'AlreadyExists']

/** Somebody or something was faster: people try again, or do something else. */
function refusal(error: unknown): string {
  if (isStatusError(error) && passing.includes(error.reason)) {
    return `nothing: ${error.message}`
  }
  throw error
}

/** Not by the engine's own reading. */
function revisionText({ metadata }: ReplicaSet): string {
  return metadata.annotations?.[revisionAnnotation] ?? '0'
}

function isSameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return templateText(a) === templateText(b)
}
