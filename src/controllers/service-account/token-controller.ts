import type { Secret, ServiceAccount } from '../../api/generated/types.ts'
import {
  serviceAccountNameAnnotation,
  serviceAccountUidAnnotation,
  tokenSecretType,
} from '../../api/names.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../../api/object.ts'
import { secrets, serviceAccounts } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'

/** Signs a token without an end, to be kept in the Secret of that name. */
export type SignToken = (account: ServiceAccount, secretName: string) => Promise<string>

export interface TokenControllerOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  /** PEM of the authority that signs the API server's certificate. */
  readonly caCertificate: string
  readonly sign: SignToken
}

/**
 * A Secret of type `kubernetes.io/service-account-token` gets a token of the account that it names,
 * and goes when that account goes.
 */
class TokenReconciler implements Reconciler {
  readonly #options: TokenControllerOptions

  constructor(options: TokenControllerOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<void> {
    const { informers, transport } = this.#options
    const secret = informers.for(secrets).lister.get(parseKey(key))
    if (!secret || secret.type !== tokenSecretType || isTerminating(secret)) return
    const account = await this.#accountOf(secret)
    try {
      if (account) await this.#complete(secret, account)
      else await transport.delete(secrets, keyOf(secret), preconditions(secret))
    } catch (error) {
      // Whoever changed it meanwhile brings it back here.
      if (!isStatusError(error, 'Conflict') && !isStatusError(error, 'NotFound')) throw error
    }
  }

  /** Asked of the API when the cache has none, since an account may have just been made. */
  async #accountOf(secret: Secret): Promise<ServiceAccount | undefined> {
    const { namespace, annotations } = secret.metadata
    const key = { namespace, name: annotations?.[serviceAccountNameAnnotation] ?? '' }
    const cached = this.#options.informers.for(serviceAccounts).lister.get(key)
    const account = cached ?? (await this.#readAccount(key))
    const uid = annotations?.[serviceAccountUidAnnotation]
    return !uid || uid === account?.metadata.uid ? account : undefined
  }

  async #readAccount(key: Parameters<Transport['get']>[1]): Promise<ServiceAccount | undefined> {
    try {
      return await this.#options.transport.get(serviceAccounts, key)
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }

  async #complete(secret: Secret, account: ServiceAccount): Promise<void> {
    const { caCertificate, sign, transport } = this.#options
    const { data = {}, metadata } = secret
    const { namespace = '', name = '', annotations } = metadata
    const { uid = '' } = account.metadata
    const signed = annotations?.[serviceAccountUidAnnotation] === uid ? data.token : undefined
    const wanted = {
      'ca.crt': base64(caCertificate),
      namespace: base64(namespace),
      token: signed ?? base64(await sign(account, name)),
    }
    const isComplete = data['ca.crt'] === wanted['ca.crt'] && data.namespace === wanted.namespace
    if (signed && isComplete) return
    const completed: Secret = {
      ...secret,
      metadata: {
        ...metadata,
        annotations: { ...annotations, [serviceAccountUidAnnotation]: uid },
      },
      data: { ...data, ...wanted },
    }
    await transport.update(secrets, { namespace, name }, completed)
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function preconditions({ metadata: { uid, resourceVersion } }: Secret) {
  return { preconditions: { uid, resourceVersion } }
}

export function tokenController(options: TokenControllerOptions): Controller {
  const { context, informers } = options
  const controller = createController(context, {
    name: 'service-account-token',
    reconciler: new TokenReconciler(options),
  })
  const see = (secret: Secret) => {
    if (secret.type === tokenSecretType) controller.enqueue(keyText(keyOf(secret)))
  }
  informers.for(secrets).addHandler({ added: see, updated: see })
  informers.for(serviceAccounts).addHandler({
    deleted({ metadata }) {
      const inNamespace = informers.for(secrets).lister.list(metadata.namespace)
      for (const secret of inNamespace) {
        const name = secret.metadata.annotations?.[serviceAccountNameAnnotation]
        if (name === metadata.name) see(secret)
      }
    },
  })
  return controller
}
