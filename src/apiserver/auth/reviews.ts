import type { TokenReview } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
} from '../../api/scheme.ts'
import { badRequest } from '../../api/status-error.ts'
import type { Collection, WriteOptions } from '../../api/transport.ts'
import { required } from '../../base/assert.ts'
import { encode } from '../encode.ts'
import type { Body, Written } from '../operations.ts'
import { readBody } from '../read-body.ts'
import type { ServerContext } from '../server-context.ts'
import { placeInNamespace } from '../written-metadata.ts'
import {
  reviewAccess,
  reviewLocalAccess,
  reviewOwnAccess,
  reviewOwnRules,
} from './access-review.ts'
import type { Identity } from './identity.ts'
import { issuer } from './token-claims.ts'

/** The answer is the question with its status. */
type Answer = (
  context: ServerContext,
  identity: Identity,
  review: never,
) => KubeObject | Promise<KubeObject>

const answers = new Map<Resource, Answer>([
  [tokenReviews, reviewToken],
  [selfSubjectReviews, reviewOwnIdentity],
  [selfSubjectAccessReviews, reviewOwnAccess],
  [subjectAccessReviews, reviewAccess],
  [localSubjectAccessReviews, reviewLocalAccess],
  [selfSubjectRulesReviews, reviewOwnRules],
])

export function isReview(resource: Resource): boolean {
  return answers.has(resource)
}

interface ReviewRequest {
  readonly resource: Resource
  readonly where: Collection
  readonly body: Body
}

/** POST of a review: 201 with the answer; nothing is stored. Throws 400, 422. */
export async function answerReview(
  context: ServerContext,
  identity: Identity,
  { resource, where, body, options }: ReviewRequest & { readonly options: WriteOptions },
): Promise<Written> {
  const { object, warnings } = readBody(resource, body, options)
  const review = placeInNamespace(resource, object, where)
  const answer = required(answers.get(resource), `answer to ${resource.kind}`)
  return { ...encode(await answer(context, identity, review as never)), code: 201, warnings }
}

/** As the API shows a user in answers. */
function userInfo({ user, groups, uid, extra }: Identity) {
  return { username: user, ...(uid && { uid }), groups, ...(extra && { extra }) }
}

function reviewOwnIdentity(_: ServerContext, identity: Identity, review: KubeObject): KubeObject {
  const status = { userInfo: userInfo(identity) }
  return { ...review, status } as KubeObject
}

async function reviewToken(
  { tokens }: ServerContext,
  _: Identity,
  review: TokenReview,
): Promise<TokenReview> {
  const { token = '', audiences } = review.spec
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const found = await tokens.authenticate(token, audiences?.length ? audiences : [issuer])
  // The token itself is nobody's business any more.
  const spec = { ...review.spec, token: '' }
  if (!found) {
    return { ...review, spec, status: { user: {}, error: 'invalid bearer token' } }
  }
  const user = userInfo(found.identity)
  return { ...review, spec, status: { authenticated: true, user, audiences: found.audiences } }
}
