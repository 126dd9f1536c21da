import { leases } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const leaseStrategy = defineStrategy(leases, { allowsUnconditionalUpdate: false })
