import type { KeyObject } from 'node:crypto'
import type { DeleteOptions, Pod, ServiceAccount } from '../api/generated/types.ts'
import type { JsonValue } from '../api/json.ts'
import type { ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { pods, serviceAccounts } from '../api/scheme.ts'
import type { LogOptions, PatchAdvisor, PodConnector } from '../api/seams.ts'
import { badRequest, StatusError } from '../api/status-error.ts'
import type {
  Collection,
  ListOptions,
  Subresource,
  WatchOptions,
  WriteOptions,
} from '../api/transport.ts'
import { versionOf } from '../api/versions/versions.ts'
import type { Context } from '../base/context.ts'
import type { Store } from '../store/store.ts'
import { QuotaLedger } from './admission/quota-ledger.ts'
import { ServiceAllocator } from './admission/service-allocator.ts'
import { applyPatchType, checkFieldManager } from './apply.ts'
import type { Access } from './auth/access.ts'
import type { AccessControl } from './auth/access-control.ts'
import { Authorizer } from './auth/authorizer.ts'
import { bootstrapRbac } from './auth/bootstrap-rbac.ts'
import type { Identity } from './auth/identity.ts'
import { requestToken } from './auth/request-token.ts'
import { answerReview, isReview } from './auth/reviews.ts'
import { ServiceAccountTokens } from './auth/service-account-tokens.ts'
import { type GuardedOptions, guardOf } from './auth/write-guard.ts'
import { bindPod } from './bind-pod.ts'
import { bootstrap, bootstrapPriorityClasses } from './bootstrap.ts'
import { createObject } from './create.ts'
import { type Deleted, deleteCollection, deleteObject } from './delete.ts'
import { evictPod } from './evict-pod.ts'
import { existingEntry } from './existing-entry.ts'
import { withManager } from './field-ownership.ts'
import { getObject, listObjects } from './get-list.ts'
import { Housekeeping } from './housekeeping.ts'
import type {
  Body,
  Caller,
  Encoded,
  EncodedList,
  EncodedWatchSink,
  Operations,
  RawPatch,
  Written,
} from './operations.ts'
import { patchObject } from './patch.ts'
import { logContainer, missingLogReason } from './pod-log.ts'
import {
  type AskedExec,
  connectorMethod,
  type PodPorts,
  type PodStreams,
  placedPod,
  type StartCommand,
  streamTarget,
} from './pod-streams.ts'
import type { ServerContext } from './server-context.ts'
import { showingSink, showList, showObject } from './shown-version.ts'
import { updateObject } from './update.ts'
import { viewOf } from './views.ts'
import { watchObjects } from './watch.ts'
import { WatchHub } from './watch-hub.ts'

export interface ApiServerOptions {
  readonly context: Context
  /** Stays the caller's: `stop` does not close it. */
  readonly store: Store
  /**
   * IPv4 range of cluster IPs, at least a /30; its first address is that of the Service
   * `kubernetes`.
   */
  readonly serviceCidr: string
  readonly adviseOnPatch?: PatchAdvisor
  /** Signs tokens of ServiceAccounts; without one they end with this server. */
  readonly signingKey?: KeyObject
}

/** The API without its wire: the only writer of the store. */
export class ApiServer implements Operations, PodStreams, AccessControl {
  /** Set by whoever knows the nodes; what it lacks is answered with 503. */
  podConnector: Partial<PodConnector> | undefined
  readonly #context: ServerContext
  readonly #housekeeping: Housekeeping

  private constructor(options: ApiServerOptions) {
    const { context, store, serviceCidr, signingKey, adviseOnPatch } = options
    const { clock, log, prng } = context
    const serviceAllocator = new ServiceAllocator({ store, prng, serviceCidr })
    const watchHub = new WatchHub({ store, clock, log })
    const authorizer = new Authorizer(store, watchHub)
    const tokens = new ServiceAccountTokens({ ...context, store }, signingKey)
    const quotaLedger = new QuotaLedger({ store, clock })
    const parts = { store, quotaLedger, serviceAllocator, watchHub, authorizer, tokens }
    this.#context = { ...context, ...parts, adviseOnPatch }
    this.#housekeeping = new Housekeeping(this.#context)
  }

  /**
   * Resolves when the first namespaces and the Service `kubernetes` exist. Throws RangeError for a
   * bad `serviceCidr`.
   */
  static async start(options: ApiServerOptions): Promise<ApiServer> {
    const server = new ApiServer(options)
    await bootstrap(server.#context)
    server.#housekeeping.start()
    return server
  }

  /** Ends all watches and what runs by the clock. */
  stop(): void {
    this.#housekeeping.stop()
    this.#context.watchHub.stop()
  }

  /** Brings the built-in roles, bindings and classes into the store, where they are missing. */
  async bootstrapBuiltIns(): Promise<void> {
    await Promise.all([bootstrapRbac(this.#context), bootstrapPriorityClasses(this.#context)])
  }

  authorize(identity: Identity, access: Access): void {
    this.#context.authorizer.require(identity, access)
  }

  async authenticateToken(token: string): Promise<Identity | undefined> {
    return (await this.#context.tokens.authenticate(token))?.identity
  }

  tokenKeys(): Promise<JsonValue> {
    return this.#context.tokens.keys()
  }

  /** A token without an end, for the Secret that asks for one. */
  tokenForSecret(account: ServiceAccount, secretName: string): Promise<string> {
    return this.#context.tokens.issueForSecret(account, secretName)
  }

  #guarded(options: WriteOptions, caller: Caller): GuardedOptions {
    const guard = guardOf(this.#context.authorizer, caller)
    const managed = withManager(options, caller)
    return guard ? { ...managed, guard } : managed
  }

  /** Forgets now what came before this moment, which otherwise happens by the clock. */
  compact(): Promise<void> {
    return this.#housekeeping.compact(this.#context.store.revision)
  }

  async get(
    _caller: Caller,
    resource: Resource,
    key: ObjectKey,
    subresource?: Subresource,
  ): Promise<Encoded> {
    return getObject(this.#context, { resource, key }, subresource)
  }

  async list(
    _caller: Caller,
    resource: Resource,
    where: Collection,
    options: ListOptions,
  ): Promise<EncodedList> {
    return showList(versionOf(resource), listObjects(this.#context, { resource, where }, options))
  }

  async create(
    caller: Caller,
    resource: Resource,
    where: Collection & { readonly name?: string },
    body: Body,
    options: WriteOptions,
  ): Promise<Written> {
    const { subresource } = options
    if (isReview(resource)) {
      return answerReview(this.#context, caller, { resource, where, body, options })
    }
    if (subresource === undefined) {
      return createObject(this.#context, { resource, where, body }, this.#guarded(options, caller))
    }
    const key = { namespace: where.namespace, name: where.name ?? '' }
    if (resource === pods && subresource === 'binding') {
      return bindPod(this.#context, { key, body }, options)
    }
    if (resource === serviceAccounts && subresource === 'token') {
      return requestToken(this.#context, { key, body }, options)
    }
    if (resource === pods && subresource === 'eviction') {
      return evictPod(this.#context, { key, body }, options)
    }
    viewOf(resource, subresource)
    const text = 'the server does not allow this method on the requested resource'
    throw new StatusError('MethodNotAllowed', text)
  }

  async update(
    caller: Caller,
    resource: Resource,
    key: ObjectKey,
    body: Body,
    options: WriteOptions,
  ): Promise<Written> {
    return updateObject(this.#context, { resource, key, body }, this.#guarded(options, caller))
  }

  async patch(
    caller: Caller,
    resource: Resource,
    key: ObjectKey,
    patch: RawPatch,
    options: WriteOptions,
  ): Promise<Written> {
    if (patch.type === applyPatchType) checkFieldManager(options)
    return patchObject(this.#context, { resource, key, patch }, this.#guarded(options, caller))
  }

  async delete(
    _caller: Caller,
    resource: Resource,
    key: ObjectKey,
    options: Partial<DeleteOptions>,
  ): Promise<Deleted> {
    const deleted = await deleteObject(this.#context, { resource, key }, options)
    return deleted.lingers ? showObject(versionOf(resource), deleted) : deleted
  }

  async deleteCollection(
    _caller: Caller,
    resource: Resource,
    where: Collection,
    options: Partial<DeleteOptions> & ListOptions,
  ): Promise<EncodedList> {
    const deleted = await deleteCollection(this.#context, { resource, where }, options)
    return showList(versionOf(resource), deleted)
  }

  watch(
    _caller: Caller,
    resource: Resource,
    where: Collection,
    options: WatchOptions,
    sink: EncodedWatchSink,
  ): { stop(): void } {
    const shown = showingSink(versionOf(resource), sink)
    return watchObjects(this.#context, { resource, where, options }, shown)
  }

  /**
   * The log of one container; `container` may be left out where there is only one (H-18). Empty for
   * a pod without a node. Throws 404, 400 with upstream's texts, 503 while no node is connected.
   */
  podLog(
    _caller: Caller,
    key: ObjectKey,
    options: Partial<LogOptions>,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const pod = existingEntry(this.#context, pods, key).object as Pod
    const container = logContainer(pod, options.container)
    if (!pod.spec?.nodeName) return noBytes()
    const missing = missingLogReason(pod, container, options.previous)
    if (missing) throw badRequest(missing)
    const log = connectorMethod(this.podConnector, 'log')
    return log(pod, { ...options, container }, signal)
  }

  podExec(_caller: Caller, key: ObjectKey, asked: AskedExec): StartCommand {
    const { pod, options } = streamTarget(this.#context, key, asked)
    if (options.command.length === 0) throw badRequest('you must specify a command')
    const exec = connectorMethod(this.podConnector, 'exec')
    return (signal) => exec(pod, options, signal)
  }

  podAttach(_caller: Caller, key: ObjectKey, asked: AskedExec): StartCommand {
    const { pod, options } = streamTarget(this.#context, key, asked)
    const attach = connectorMethod(this.podConnector, 'attach')
    return (signal) => attach(pod, options, signal)
  }

  podPortForward(_caller: Caller, key: ObjectKey): PodPorts {
    const pod = placedPod(this.#context, key)
    const portForward = connectorMethod(this.podConnector, 'portForward')
    return {
      pod: { name: key.name, uid: pod.metadata.uid ?? '' },
      connect: (port, signal) => portForward(pod, port, signal),
    }
  }
}

async function* noBytes(): AsyncIterable<Uint8Array> {}
