import { semanticEqual } from '../../api/equality.ts'
import type { ConfigMap, Namespace, ServiceAccount } from '../../api/generated/types.ts'
import { isTerminating, type KubeObject, keyOf, keyText } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { configMaps, namespaces, serviceAccounts } from '../../api/scheme.ts'
import { isNamespaceTerminating, isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'

export interface ServiceAccountControllerOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  /** PEM of the authority that signs the API server's certificate. */
  readonly caCertificate: string
}

const accountName = 'default'
const rootCaName = 'kube-root-ca.crt'
const rootCaDescription =
  'The authority behind the API server of this cluster, for programs that call it from inside'

/** Each namespace has the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt` (E-22). */
class ServiceAccountReconciler implements Reconciler {
  readonly #options: ServiceAccountControllerOptions

  constructor(options: ServiceAccountControllerOptions) {
    this.#options = options
  }

  async reconcile(name: string): Promise<void> {
    const namespace = this.#options.informers.for(namespaces).lister.get({ name })
    if (!namespace || isTerminating(namespace)) return
    const account: ServiceAccount = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: accountName, namespace: name },
    }
    const rootCa: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: rootCaName,
        namespace: name,
        annotations: { 'kubernetes.io/description': rootCaDescription },
      },
      data: { 'ca.crt': this.#options.caCertificate },
    }
    await this.#ensure(serviceAccounts, account)
    await this.#ensure(configMaps, rootCa)
    await this.#restore(rootCa)
  }

  /** Pods trust what stands there: whatever else was written into it goes. */
  async #restore({ data, metadata: { annotations, namespace } }: ConfigMap): Promise<void> {
    const { informers, transport } = this.#options
    const present = informers.for(configMaps).lister.get({ namespace, name: rootCaName })
    if (!present) return
    const restored: ConfigMap = { ...present, data }
    if (semanticEqual('ConfigMap', restored, present)) return
    const { metadata } = present
    const described = { ...metadata, annotations: { ...metadata.annotations, ...annotations } }
    await transport.update(configMaps, keyOf(present), { ...restored, metadata: described })
  }

  async #ensure<T extends KubeObject>(resource: Resource<T>, object: T): Promise<void> {
    const { informers, transport } = this.#options
    if (informers.for(resource).lister.get(keyOf(object))) return
    try {
      await transport.create(resource, { namespace: object.metadata.namespace }, object)
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists') || isNamespaceTerminating(error)) return
      throw error
    }
  }
}

export function serviceAccountController(options: ServiceAccountControllerOptions): Controller {
  const { context, informers } = options
  const controller = createController(context, {
    name: 'service-account',
    reconciler: new ServiceAccountReconciler(options),
  })
  const see = (namespace: Namespace) => controller.enqueue(keyText(keyOf(namespace)))
  informers.for(namespaces).addHandler({ added: see, updated: see })
  const ofOwn = ({ metadata }: KubeObject) => {
    if (metadata.name === accountName || metadata.name === rootCaName) {
      controller.enqueue(metadata.namespace ?? '')
    }
  }
  informers.for(serviceAccounts).addHandler({ deleted: ofOwn })
  informers.for(configMaps).addHandler({ updated: ofOwn, deleted: ofOwn })
  return controller
}
