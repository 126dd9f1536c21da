import { semanticEqual } from '../../api/equality.ts'
import { networkPolicies } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const networkPolicyStrategy = defineStrategy(networkPolicies, {
  raisesGeneration: (policy, old) =>
    !semanticEqual('NetworkPolicy', { spec: policy.spec }, { spec: old.spec }),
})
