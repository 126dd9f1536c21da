import type { PriorityClass } from '../generated/types.ts'
import { fill } from './copy-on-change.ts'

export function defaultPriorityClass(priorityClass: PriorityClass): PriorityClass {
  return fill(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' })
}
