import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Secret, ServiceAccount } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { nodes, pods, secrets, serviceAccounts } from '../../api/scheme.ts'
import type { Context } from '../../base/context.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../store-keys.ts'
import { type Identity, serviceAccountUserName } from './identity.ts'
import { newSigningKey } from './signing-key.ts'
import {
  type AccountClaims,
  type Bound,
  identityOf,
  issuer,
  legacyClaims,
  legacyIssuer,
  readClaims,
  type VerifiedToken,
} from './token-claims.ts'

export interface TokenOptions {
  readonly claims: AccountClaims
  readonly audiences: readonly string[]
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

export interface TokenIdentity {
  readonly identity: Identity
  /** Those that were asked for and that the token is meant for. */
  readonly audiences: readonly string[]
}

const algorithm = 'ES256'
/** How long an account or a pod may be on its way out before its tokens are refused. */
const deletionLeewayMs = 60_000
/** Tokens whose signature was found good. */
const verifiedMax = 1000

interface Remembered {
  readonly token: VerifiedToken
  /** Seconds; undefined: it does not expire. */
  readonly expiresAt: number | undefined
}

/**
 * JSON Web Tokens of ServiceAccounts: signs them, and says whom one stands for. A token is good as
 * long as its signature and its time are, and its account and all that it is bound to exist.
 */
export class ServiceAccountTokens {
  readonly #context: Pick<Context, 'clock' | 'ids'> & { readonly store: Store }
  readonly #verified = new Map<string, Remembered>()
  #privateKey: KeyObject | undefined
  #signer: Promise<Signer> | undefined

  /** Without a key there is a new one, for tokens that end with this process. */
  constructor(
    context: Pick<Context, 'clock' | 'ids'> & { readonly store: Store },
    privateKey?: KeyObject,
  ) {
    this.#context = context
    this.#privateKey = privateKey
  }

  async issue({ claims, audiences, issuedAtMs, expiresAtMs }: TokenOptions): Promise<string> {
    const issuedAt = Math.floor(issuedAtMs / 1000)
    const { namespace, serviceaccount } = claims
    const { sign } = await this.#signing()
    return sign({
      aud: audiences,
      exp: Math.floor(expiresAtMs / 1000),
      iat: issuedAt,
      iss: issuer,
      jti: this.#context.ids.uid(),
      'kubernetes.io': claims,
      nbf: issuedAt,
      sub: serviceAccountUserName({ namespace, name: serviceaccount.name }),
    })
  }

  /** A token without an end, to be kept in the Secret of that name. */
  async issueForSecret(account: ServiceAccount, secretName: string): Promise<string> {
    const { sign } = await this.#signing()
    return sign({ iss: legacyIssuer, ...legacyClaims(account, secretName) })
  }

  /** Undefined for a token that is not good, or for none of these audiences. */
  async authenticate(
    text: string,
    audiences: readonly string[] = [issuer],
  ): Promise<TokenIdentity | undefined> {
    const token = await this.#verify(text)
    if (!token || !this.#isAlive(token, text)) return undefined
    const meantFor = token.isLegacy ? [issuer] : token.audiences
    const shared = audiences.filter((audience) => meantFor.includes(audience))
    return shared.length === 0 ? undefined : { identity: identityOf(token), audiences: shared }
  }

  /** The public key, for others who check tokens (JWKS). */
  async keys(): Promise<JsonValue> {
    return { keys: [(await this.#signing()).publicJwk] }
  }

  async #verify(text: string): Promise<VerifiedToken | undefined> {
    const nowMs = this.#context.clock.now()
    const known = this.#verified.get(text)
    if (known) return isOver(known, nowMs) ? undefined : known.token
    const payload = await (await this.#signing()).verify(text, new Date(nowMs))
    const token = payload && readClaims(payload)
    if (!token) return undefined
    if (this.#verified.size >= verifiedMax) this.#verified.clear()
    this.#verified.set(text, { token, expiresAt: payload.exp as number | undefined })
    return token
  }

  #isAlive({ account, isLegacy }: VerifiedToken, text: string): boolean {
    const { namespace, serviceaccount, pod, secret, node } = account
    const isThere = (resource: Resource, bound: Bound | undefined) =>
      bound === undefined || this.#living(resource, namespace, bound) !== undefined
    if (!isThere(serviceAccounts, serviceaccount) || !isThere(pods, pod)) return false
    // A pod's node is only told; a token bound to the node itself goes with it.
    if (!isThere(nodes, pod ? undefined : node) || !isThere(secrets, secret)) return false
    return !isLegacy || this.#isIn(secret, namespace, text)
  }

  /** What was taken out of its Secret is void. */
  #isIn(secret: Bound | undefined, namespace: string, text: string): boolean {
    const kept = secret && (this.#living(secrets, namespace, secret) as Secret | undefined)
    return kept?.data?.token === Buffer.from(text).toString('base64')
  }

  #living(resource: Resource, namespace: string, { name, uid }: Bound): KubeObject | undefined {
    const entry = this.#context.store.get(storeKey(resource, { namespace, name }))
    const object = entry?.object as KubeObject | undefined
    const { deletionTimestamp, uid: actual } = object?.metadata ?? {}
    if (uid !== undefined && uid !== actual) return undefined
    const goneBeforeMs = this.#context.clock.now() - deletionLeewayMs
    const isGone = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < goneBeforeMs
    return isGone ? undefined : object
  }

  #signing(): Promise<Signer> {
    this.#privateKey ??= newSigningKey()
    this.#signer ??= openSigner(this.#privateKey)
    return this.#signer
  }
}

function isOver({ expiresAt }: Remembered, nowMs: number): boolean {
  return expiresAt !== undefined && expiresAt * 1000 <= nowMs
}

type Payload = Readonly<Record<string, unknown>>

interface Signer {
  readonly publicJwk: JsonValue
  sign(payload: Payload): Promise<string>
  /** Undefined when signature, issuer or time are wrong. */
  verify(text: string, now: Date): Promise<Payload | undefined>
}

/** The library is loaded when there is something to sign, or to check. */
async function openSigner(privateKey: KeyObject): Promise<Signer> {
  const { SignJWT, calculateJwkThumbprint, exportJWK, jwtVerify } = await import('jose')
  const publicKey = createPublicKey(privateKey)
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return {
    publicJwk: { use: 'sig', ...jwk, kid, alg: algorithm } as JsonValue,
    sign: (payload) =>
      new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid }).sign(privateKey),
    async verify(text, now) {
      try {
        const rules = {
          algorithms: [algorithm],
          issuer: [issuer, legacyIssuer],
          currentDate: now,
        }
        return (await jwtVerify(text, publicKey, rules)).payload
      } catch {
        return undefined
      }
    },
  }
}

/** Which account a token is to be issued for. */
export function accountClaims(account: ServiceAccount): AccountClaims {
  const { namespace = '', name } = keyOf(account)
  return { namespace, serviceaccount: { name, uid: account.metadata.uid } }
}
