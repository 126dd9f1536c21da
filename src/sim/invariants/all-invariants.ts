import { availability } from './availability.ts'
import type { InvariantOf } from './invariant.ts'
import { observedGeneration } from './observed-generation.ts'
import { total } from './total.ts'

export const allInvariants: readonly InvariantOf[] = [availability, total, observedGeneration]
