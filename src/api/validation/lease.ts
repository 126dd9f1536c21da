import { forbiddenValue, invalidValue } from '../field-errors.ts'
import type { Lease, LeaseSpec } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, nonNegative } from './rules.ts'

export const leaseRules: KindRules<Lease> = {
  create: (lease) => [
    ...validateObjectMeta(lease.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(lease.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
  ],
}

function validateSpec(spec: LeaseSpec = {}): Errors {
  const { leaseDurationSeconds, leaseTransitions, preferredHolder, strategy } = spec
  const errors = [...nonNegative('spec.leaseTransitions', leaseTransitions)]
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    const detail = 'must be greater than 0'
    errors.unshift(invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, detail))
  }
  if (preferredHolder && !strategy) {
    const detail = 'may only be specified if `strategy` is defined'
    errors.push(forbiddenValue('spec.preferredHolder', detail))
  }
  return errors
}
