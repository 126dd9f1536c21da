import type { Container } from '../../api/generated/types.ts'
import { parseQuantity } from '../../api/quantity.ts'
import type { ContainerLimits } from '../runtime.ts'

const nanosPerUnit = 1_000_000_000n
const nanosPerMilli = 1_000_000n

/** `resources.limits` of a container in the units of a runtime. */
export function containerLimits({ resources }: Container): ContainerLimits {
  const { cpu, memory } = resources?.limits ?? {}
  return {
    cpuMillis: cpu === undefined ? undefined : Number(parseQuantity(cpu).nanos / nanosPerMilli),
    memoryBytes:
      memory === undefined ? undefined : Number(parseQuantity(memory).nanos / nanosPerUnit),
  }
}

export function cpuRequestMillis({ resources }: Container): number | undefined {
  const cpu = resources?.requests?.cpu
  return cpu === undefined ? undefined : Number(parseQuantity(cpu).nanos / nanosPerMilli)
}
