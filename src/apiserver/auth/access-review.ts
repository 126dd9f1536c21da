import { invalidValue } from '../../api/field-errors.ts'
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  PolicyRule,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../api/generated/types.ts'
import type { Resource } from '../../api/resource.ts'
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  subjectAccessReviews,
} from '../../api/scheme.ts'
import { badRequest, type FieldError, invalid } from '../../api/status-error.ts'
import type { ServerContext } from '../server-context.ts'
import type { Access } from './access.ts'
import type { Identity } from './identity.ts'

/** `kubectl auth can-i`. */
export function reviewOwnAccess(
  context: ServerContext,
  identity: Identity,
  review: SelfSubjectAccessReview,
): SelfSubjectAccessReview {
  refuseIfWrong(selfSubjectAccessReviews, attributeErrors(review.spec))
  return { ...review, status: decide(context, identity, review.spec) }
}

/** The same about anybody. */
export function reviewAccess(
  context: ServerContext,
  _: Identity,
  review: SubjectAccessReview,
): SubjectAccessReview {
  refuseIfWrong(subjectAccessReviews, [...attributeErrors(review.spec), ...userErrors(review.spec)])
  return { ...review, status: decide(context, identityIn(review.spec), review.spec) }
}

/** The same about anybody in one namespace. */
export function reviewLocalAccess(
  context: ServerContext,
  _: Identity,
  review: LocalSubjectAccessReview,
): LocalSubjectAccessReview {
  const { spec, metadata } = review
  const errors = [...attributeErrors(spec), ...userErrors(spec)]
  const { namespace } = spec.resourceAttributes ?? {}
  if (spec.resourceAttributes && namespace !== metadata.namespace) {
    const why = 'must match metadata.namespace'
    errors.push(invalidValue('spec.resourceAttributes.namespace', namespace ?? '', why))
  }
  if (spec.nonResourceAttributes) {
    const why = 'disallowed on this kind of request'
    errors.push(invalidValue('spec.nonResourceAttributes', spec.nonResourceAttributes, why))
  }
  refuseIfWrong(localSubjectAccessReviews, errors)
  return { ...review, status: decide(context, identityIn(spec), spec) }
}

/** `kubectl auth can-i --list`. */
export function reviewOwnRules(
  { authorizer }: ServerContext,
  identity: Identity,
  review: SelfSubjectRulesReview,
): SelfSubjectRulesReview {
  const { namespace } = review.spec
  if (!namespace) throw badRequest('no namespace on request')
  const { rules, fault } = authorizer.rulesOf(identity, namespace)
  const status = {
    resourceRules: rules.filter(isAboutResources).map(resourceRule),
    nonResourceRules: rules
      .filter((rule) => !isAboutResources(rule))
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: fault !== '',
    ...(fault && { evaluationError: fault }),
  }
  return { ...review, status }
}

function isAboutResources({ nonResourceURLs = [] }: PolicyRule): boolean {
  return nonResourceURLs.length === 0
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule) {
  return { verbs, apiGroups, resources, ...(resourceNames && { resourceNames }) }
}

interface Attributes {
  readonly resourceAttributes?: ResourceAttributes
  readonly nonResourceAttributes?: NonResourceAttributes
}

function decide(
  { authorizer }: ServerContext,
  identity: Identity,
  attributes: Attributes,
): SubjectAccessReviewStatus {
  const { isAllowed, reason } = authorizer.decide(identity, accessIn(attributes))
  return { allowed: isAllowed, ...(reason && { reason }) }
}

function accessIn({ resourceAttributes, nonResourceAttributes }: Attributes): Access {
  if (!resourceAttributes) {
    const { verb = '', path = '' } = nonResourceAttributes ?? {}
    return { verb, path }
  }
  const { verb, group, resource, subresource, namespace, name } = resourceAttributes
  return {
    verb: verb ?? '',
    group: group ?? '',
    resource: resource ?? '',
    subresource: subresource ?? '',
    namespace: namespace ?? '',
    name: name ?? '',
  }
}

function identityIn({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): Identity {
  return { user, groups, uid, extra }
}

function attributeErrors({ resourceAttributes, nonResourceAttributes }: Attributes): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes'
    return [invalidValue('spec.nonResourceAttributes', nonResourceAttributes, why)]
  }
  if (resourceAttributes || nonResourceAttributes) return []
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidValue('spec.resourceAttributes', null, why)]
}

function userErrors({ user, groups }: SubjectAccessReviewSpec): FieldError[] {
  if (user || groups?.length) return []
  return [invalidValue('spec.user', '', 'at least one of user or group must be specified')]
}

function refuseIfWrong(resource: Resource, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(resource, '', errors)
}
