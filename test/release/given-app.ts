import { existsSync } from 'node:fs'
import { isJsonObject, type JsonObject } from '../../src/api/json.ts'
import { lastAppliedAnnotation } from '../../src/api/names.ts'
import { controllerRef, type KubeObject, keyOf } from '../../src/api/object.ts'
import { configMaps, controllerRevisions, resourceOfKind } from '../../src/api/scheme.ts'
import type { Patch } from '../../src/api/transport.ts'
import { required } from '../../src/base/assert.ts'
import { threeWayPatch } from '../../src/cli/apply/three-way-patch.ts'
import { builtInModel } from '../../src/cli/built-in-model.ts'
import { createInformers } from '../../src/client/informers.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import { releaseRecorders } from '../../src/controllers/release-recorder/controller.ts'
import { GivenRepository } from '../../src/git/given-repository.fixture.ts'
import { readDrift } from '../../src/release/drift.ts'
import { lastApplied, lastAppliedText } from '../../src/release/manifests/last-applied.ts'
import { parseManifests } from '../../src/release/manifests/parse-manifests.ts'
import { found, observeWorkload, readReleases } from '../../src/release/observe-workload.ts'
import { provenanceAnnotations, provenanceOfPath } from '../../src/release/provenance.ts'
import type { Release, WorkloadKey } from '../../src/release/record/release.ts'
import { type Journal, openJournal } from '../../src/release/rollback/journal.ts'
import {
  prepareRollback,
  type RollbackRequest,
  runRollback,
} from '../../src/release/rollback/rollback.ts'
import { continueTransaction, type Transaction } from '../../src/release/rollback/transaction.ts'
import { templateOf } from '../../src/release/template.ts'
import { planSetUndo } from '../../src/rollout/set-undo.ts'
import {
  isDeployment,
  resourceOfWorkload,
  type Workload,
  workloadResource,
} from '../../src/rollout/workload.ts'
import { GivenCluster, type GivenClusterOptions } from '../controllers/given-cluster.ts'

export const workload = { kind: 'Deployment', namespace: 'default', name: 'app' } as const
const namespace = 'default'

/** Kinds with a size that releases are tried on here. */
type GivenKind = 'Deployment' | 'StatefulSet'

/** A workload that reads the ConfigMap `settings`, as somebody writes it. */
export function manifestOf(image: string, more = '', kind: GivenKind = 'Deployment'): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: app # the app
spec:
  replicas: 3
  selector:
    matchLabels: { app: app }
  template:
    metadata:
      labels: { app: app }
    spec:
      containers:
        - name: app
          image: ${image} # moves
          envFrom: [{ configMapRef: { name: settings } }]
${more}`
}

export function settingsOf(text: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { TEXT: ${text} }\n`
}

/** A cluster, a repository with `app/`, and a colleague's habits. */
export class GivenApp {
  readonly cluster: GivenCluster
  readonly repository: GivenRepository
  readonly workload: WorkloadKey & { readonly kind: GivenKind }
  #stopRecorder: () => Promise<void> = async () => {}

  private constructor(cluster: GivenCluster, repository: GivenRepository, kind: GivenKind) {
    this.cluster = cluster
    this.repository = repository
    this.workload = { ...workload, kind }
  }

  static async start({
    kind = 'Deployment',
    ...options
  }: GivenClusterOptions & { readonly kind?: GivenKind } = {}): Promise<GivenApp> {
    const [cluster, repository] = [
      await GivenCluster.start(options),
      await GivenRepository.create(),
    ]
    return new GivenApp(cluster, repository, kind)
  }

  async stop(): Promise<void> {
    await this.#stopRecorder()
    await this.cluster.stop()
    await this.repository.remove()
  }

  /** Starts the controller that keeps the records in the embedded engine. */
  async keepRecords(): Promise<void> {
    const { context } = this.cluster.api
    const { transport } = this.cluster
    const informers = createInformers(context, transport)
    const recorder = createEventRecorder(context, { transport, component: 'astern' })
    const controllers = releaseRecorders({ context, transport, informers, recorder })
    await this.drive(informers.start())
    for (const controller of controllers) controller.start()
    this.#stopRecorder = async () => {
      await Promise.all(controllers.map((controller) => controller.stop()))
      await informers.stop()
    }
  }

  /** Lets virtual time pass until a promise settles; git takes real time. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    const settle = promise.finally(() => {
      isDone = true
    })
    settle.catch(() => {})
    while (!isDone) {
      await this.cluster.pass(200)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return settle
  }

  /** Commits `app/` with this image and text, pushes, and applies it; the commit. */
  async deploy(image: string, text = image.replace(/\W/g, '')): Promise<string> {
    const manifest = manifestOf(image, '', this.workload.kind)
    const files = { 'app/app.yaml': manifest, 'app/settings.yaml': settingsOf(text) }
    const commit = await this.repository.commit(files, `Ship ${image}`)
    await this.repository.push()
    await this.apply({ isSigned: true })
    await this.settle()
    return commit
  }

  /** Until nothing happens any more, rolled out or not. */
  async settle(): Promise<void> {
    await this.cluster.pass(20_000)
  }

  /** `kubectl apply -f app/`, or with the provenance that `astern apply` adds; what it changed. */
  async apply({ isSigned = false } = {}): Promise<readonly string[]> {
    const changed: string[] = []
    for (const file of ['app/settings.yaml', 'app/app.yaml']) {
      const text = `${await this.repository.git('show', `:${file}`)}\n`
      for (const { object } of await parseManifests(text, file)) {
        if (await this.#applyOne(object, isSigned)) changed.push(String(object.kind))
      }
    }
    return changed
  }

  async #applyOne(manifest: JsonObject, isSigned: boolean): Promise<boolean> {
    const { transport } = this.cluster
    const { apiVersion, kind } = manifest
    const resource = required(resourceOfKind(String(apiVersion), String(kind)), 'a served kind')
    const metadata = isJsonObject(manifest.metadata) ? manifest.metadata : {}
    const name = String(metadata.name)
    const template = templateOf(manifest)
    const signature = isSigned && template ? await this.#signature(template) : {}
    const annotations = {
      ...signature,
      [lastAppliedAnnotation]: lastAppliedText(manifest, namespace),
    }
    const modified = { ...manifest, metadata: { ...metadata, annotations, namespace } }
    const live = await found(transport.get(resource, { namespace, name }))
    if (!live) {
      await transport.create(resource, { namespace }, modified as unknown as KubeObject)
      return true
    }
    const original = lastApplied(live.metadata.annotations) ?? {}
    const current = live as unknown as JsonObject
    const body = threeWayPatch({ original, modified, current }, builtInModel(resource))
    const patch: Patch = { type: 'application/strategic-merge-patch+json', body }
    const after = await transport.patch(resource, { namespace, name }, patch)
    return after.metadata.resourceVersion !== live.metadata.resourceVersion
  }

  async #signature(template: NonNullable<ReturnType<typeof templateOf>>) {
    const provenance = await provenanceOfPath(this.repository.path('app'), { appliedBy: 'ada' })
    const operation = this.cluster.api.context.ids.uid()
    return provenanceAnnotations({ provenance, source: 'apply', operation }, template)
  }

  live(): Promise<Workload> {
    const { kind, namespace, name } = this.workload
    return this.cluster.transport.get(workloadResource(kind), { namespace, name })
  }

  /** `kubectl rollout undo`, by the same functions as our own command (B-80, G-42). */
  async undo(): Promise<void> {
    const live = await this.live()
    if (isDeployment(live)) return this.cluster.undo()
    const { transport } = this.cluster
    const { items } = await transport.list(controllerRevisions, { namespace })
    const owned = items.filter((each) => controllerRef(each)?.uid === live.metadata.uid)
    const plan = planSetUndo(live, owned, 0n)
    if (plan.outcome !== 'patch') throw new Error(plan.message)
    const options = { fieldManager: 'kubectl-rollout' }
    await transport.patch(resourceOfWorkload(live), keyOf(live), plan.patch, options)
  }

  async releases(): Promise<readonly Release[]> {
    return readReleases(this.cluster.transport, await this.live())
  }

  /** `r1 apply healthy app:1` for each. */
  async story(): Promise<readonly string[]> {
    return (await this.releases()).map(({ number, source, health, template }) => {
      const image = template.spec?.containers[0]?.image
      return `r${number} ${source} ${health} ${image}`
    })
  }

  transaction(more: Partial<Transaction> = {}): Transaction {
    const { context } = this.cluster.api
    const { repository } = this.repository
    const { workload } = this
    return { context, transport: this.cluster.transport, workload, repository, ...more }
  }

  #request(more: Partial<RollbackRequest>): RollbackRequest {
    const { repository } = this.repository
    const git = {
      app: { repository, paths: ['app'] },
      deploy: { remote: 'origin', branch: 'main' },
      publish: { type: 'push' },
    } as const
    return { to: { type: 'default' }, git, by: 'ada', ...more }
  }

  rollback(request: Partial<RollbackRequest> = {}, more: Partial<Transaction> = {}) {
    const transaction = this.transaction(more)
    const run = async () =>
      runRollback(transaction, await prepareRollback(transaction, this.#request(request)))
    return this.drive(run())
  }

  /** As a run that is killed before its first step leaves it. */
  async begin(): Promise<{ readonly object: Workload; readonly journal: Journal }> {
    const prepared = await this.drive(prepareRollback(this.transaction(), this.#request({})))
    const { journal, observed } = prepared
    const { clock, context } = this.cluster.api
    const entry = { journal, beatMs: clock.now(), holder: context.ids.uid() }
    await openJournal(this.cluster.transport, observed.object, entry)
    return { object: observed.object, journal }
  }

  /** Live against the remote's branch. */
  async drift() {
    const { workload } = this
    const { transport } = this.cluster
    const observed = await observeWorkload(transport, workload)
    if (!observed) throw new Error('no workload')
    const app = { repository: this.repository.repository, paths: ['app'] }
    const commit = await this.repository.remoteHead()
    return readDrift(transport, observed, { app, workload, commit })
  }

  resume() {
    return this.drive(continueTransaction(this.transaction()))
  }

  /** Until a file is there, in real time. */
  async untilThere(path: string): Promise<void> {
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  async image(): Promise<string | undefined> {
    return imageOf(await this.live())
  }

  async text(): Promise<string | undefined> {
    const key = { namespace, name: 'settings' }
    return (await this.cluster.transport.get(configMaps, key)).data?.TEXT
  }

  /** A file as the remote's branch has it. */
  async pushed(path: string): Promise<string> {
    await this.repository.git('fetch', '--quiet', 'origin')
    return this.repository.git('show', `origin/main:${path}`)
  }
}

export function imageOf({ spec }: Workload): string | undefined {
  return spec?.template.spec?.containers[0]?.image
}
