import type { Container, PodSpec } from '../generated/types.ts'
import { type Amounts, addAmounts, maxAmounts, parseAmounts } from './amounts.ts'

type Side = 'requests' | 'limits'

function ofContainer({ resources }: Container, side: Side): Amounts {
  return parseAmounts(resources?.[side])
}

/**
 * What the init containers need at most: each runs alone, beside the sidecars that started before
 * it.
 */
function ofInitContainers(containers: readonly Container[], side: Side) {
  let sidecars: Amounts = new Map()
  let peak: Amounts = new Map()
  for (const container of containers) {
    const own = ofContainer(container, side)
    const together = addAmounts(own, sidecars)
    if (container.restartPolicy === 'Always') sidecars = together
    peak = maxAmounts(peak, together)
  }
  return { sidecars, peak }
}

/** Resources that a pod may ask for as a whole, whatever its containers say. */
function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

/** What a pod asks for, or may use: its containers together, or its init containers if more. */
export function podResources(spec: PodSpec, side: Side): Amounts {
  const { sidecars, peak } = ofInitContainers(spec.initContainers ?? [], side)
  const running = spec.containers.map((container) => ofContainer(container, side))
  const together = maxAmounts(running.reduce(addAmounts, sidecars), peak)
  const whole = [...parseAmounts(spec.resources?.[side])].filter(([name]) => isPodLevel(name))
  return whole.length === 0 ? together : new Map([...together, ...whole])
}

/** The same with what the sandbox itself costs; a limit that is not there gets none. */
export function podResourcesWithOverhead(spec: PodSpec, side: Side): Amounts {
  const amounts = podResources(spec, side)
  const overhead = [...parseAmounts(spec.overhead)]
  const charged = overhead.filter(([name]) => side === 'requests' || amounts.has(name))
  return charged.length === 0 ? amounts : addAmounts(amounts, new Map(charged))
}
