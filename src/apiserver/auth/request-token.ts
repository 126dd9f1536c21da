import { invalidValue } from '../../api/field-errors.ts'
import type {
  BoundObjectReference,
  Pod,
  ServiceAccount,
  TokenRequest,
  TokenRequestSpec,
} from '../../api/generated/types.ts'
import type { KubeObject, ObjectKey } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { nodes, pods, secrets, serviceAccounts } from '../../api/scheme.ts'
import { badRequest, conflict, type FieldError, invalid } from '../../api/status-error.ts'
import type { WriteOptions } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import { encode } from '../encode.ts'
import { existingEntry } from '../existing-entry.ts'
import type { Body, Written } from '../operations.ts'
import { readBody } from '../read-body.ts'
import type { ServerContext } from '../server-context.ts'
import { storeKey } from '../store-keys.ts'
import { checkName, placeInNamespace } from '../written-metadata.ts'
import { accountClaims } from './service-account-tokens.ts'
import { type AccountClaims, boundTo, issuer } from './token-claims.ts'

/** The body's type of `serviceaccounts/token`. */
export const tokenRequests: Resource<TokenRequest> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  singular: 'tokenrequest',
  shortNames: [],
  categories: [],
  namespaced: true,
}

const secondsDefault = 3600
const secondsMin = 600
const secondsMax = 2 ** 32

/**
 * POST of `serviceaccounts/NAME/token`: a token for the account, bound to a pod, a Secret or a node
 * if the request says so. Answers 201 with the request and its status. Throws 404, 400, 409, 422.
 */
export async function requestToken(
  context: ServerContext,
  { key, body }: { readonly key: ObjectKey; readonly body: Body },
  options: WriteOptions,
): Promise<Written> {
  const { object, warnings } = readBody(tokenRequests, body, options)
  const request = placeInNamespace(tokenRequests, object, key) as TokenRequest
  if (request.metadata.name) checkName(request, key)
  const account = existingEntry(context, serviceAccounts, key).object as ServiceAccount
  const nowMs = context.clock.now()
  const spec = completeSpec(request.spec)
  const errors = lifetimeErrors(spec.expirationSeconds)
  if (errors.length > 0) throw invalid(tokenRequests, '', errors)
  const expiresAtMs = nowMs + spec.expirationSeconds * 1000
  const token = await context.tokens.issue({
    claims: { ...accountClaims(account), ...boundClaims(context, key, spec.boundObjectRef) },
    audiences: spec.audiences,
    issuedAtMs: nowMs,
    expiresAtMs,
  })
  const answer: TokenRequest = {
    ...request,
    metadata: { ...request.metadata, name: key.name, creationTimestamp: timestamp(nowMs) },
    spec,
    status: { token, expirationTimestamp: timestamp(expiresAtMs) },
  }
  return { ...encode(answer), code: 201, warnings }
}

function completeSpec(spec: TokenRequestSpec) {
  const audiences = spec.audiences?.length ? spec.audiences : [issuer]
  return { ...spec, audiences, expirationSeconds: spec.expirationSeconds ?? secondsDefault }
}

function lifetimeErrors(seconds: number): readonly FieldError[] {
  const refuse = (why: string) => [invalidValue('spec.expirationSeconds', seconds, why)]
  if (seconds < secondsMin) return refuse('may not specify a duration less than 10 minutes')
  if (seconds > secondsMax) return refuse('may not specify a duration larger than 2^32 seconds')
  return []
}

type BoundClaims = Pick<AccountClaims, 'pod' | 'secret' | 'node'>

function boundClaims(
  context: ServerContext,
  { namespace, name: accountName }: ObjectKey,
  ref: BoundObjectReference | undefined,
): BoundClaims {
  if (!ref) return {}
  const find = <T extends KubeObject>(resource: Resource<T>): T => {
    const object = existingEntry(context, resource, { namespace, name: ref.name ?? '' }).object
    checkUid(resource, object as T, ref)
    return object as T
  }
  switch (`${ref.apiVersion} ${ref.kind}`) {
    case 'v1 Pod':
      return podClaims(context, find(pods), accountName)
    case 'v1 Secret':
      return { secret: boundTo(find(secrets).metadata) }
    case 'v1 Node':
      return { node: boundTo(find(nodes).metadata) }
    default: {
      const version = ref.apiVersion?.includes('/') ? ref.apiVersion : `/${ref.apiVersion ?? ''}`
      throw badRequest(`cannot bind token to object of type ${version}, Kind=${ref.kind ?? ''}`)
    }
  }
}

/** A token for a pod says on which node that runs, too. */
function podClaims(context: ServerContext, pod: Pod, accountName: string): BoundClaims {
  if (pod.spec?.serviceAccountName !== accountName) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(accountName)} to pod running with different serviceaccount name.`,
    )
  }
  const bound = { pod: boundTo(pod.metadata) }
  const { nodeName } = pod.spec
  if (!nodeName) return bound
  const node = context.store.get(storeKey(nodes, { name: nodeName }))?.object as
    | KubeObject
    | undefined
  return { ...bound, node: node ? boundTo(node.metadata) : { name: nodeName } }
}

function checkUid(
  { group, kind }: Resource,
  { metadata }: KubeObject,
  { uid, name = '' }: BoundObjectReference,
): void {
  if (!uid || uid === metadata.uid) return
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
  throw conflict({ group, plural: kind }, name, why)
}
