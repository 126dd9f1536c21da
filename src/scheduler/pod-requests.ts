import type { Container, Pod, PodSpec } from '../api/generated/types.ts'
import { isSidecar } from '../api/pod-facts.ts'
import { parseQuantity } from '../api/quantity.ts'
import { oncePerFrozen } from '../base/memo.ts'

/** Amounts by resource name, in thousandths of the resource's unit. */
export type Amounts = ReadonlyMap<string, number>

type Quantities = { readonly [name: string]: string }

const nanosPerMilli = 1_000_000n
const nothing: Amounts = new Map()

export function amountsOf(quantities: Quantities | undefined): Amounts {
  return quantities ? readAmounts(quantities) : nothing
}

const readAmounts = oncePerFrozen(
  (quantities: Quantities): Amounts =>
    new Map(Object.entries(quantities).map(([name, text]) => [name, milliOf(text)])),
)

/** Rounded up, as the API does for what is smaller than its unit. */
function milliOf(text: string): number {
  const { nanos } = parseQuantity(text)
  return Number((nanos + nanosPerMilli - 1n) / nanosPerMilli)
}

/**
 * What a pod takes of its node: the containers together, or the most that one init container takes
 * beside the sidecars that run by then, and its overhead.
 */
export function podRequests({ spec }: Pod): Amounts {
  return spec ? sumRequests(spec) : nothing
}

const sumRequests = oncePerFrozen(({ containers, initContainers = [], overhead }: PodSpec) => {
  let sidecars: Amounts = new Map()
  let peak: Amounts = new Map()
  for (const container of initContainers) {
    const own = requestsOf(container)
    if (isSidecar(container)) sidecars = combine(sidecars, own, (a, b) => a + b)
    const now = isSidecar(container) ? sidecars : combine(sidecars, own, (a, b) => a + b)
    peak = combine(peak, now, Math.max)
  }
  const add = (a: number, b: number) => a + b
  const running = containers.reduce((sum, each) => combine(sum, requestsOf(each), add), sidecars)
  return combine(combine(running, peak, Math.max), amountsOf(overhead), add)
})

function requestsOf({ resources }: Container): Amounts {
  return amountsOf(resources?.requests)
}

function combine(a: Amounts, b: Amounts, by: (a: number, b: number) => number): Amounts {
  if (b.size === 0 || a.size === 0) return a.size === 0 ? b : a
  const names = new Set([...a.keys(), ...b.keys()])
  return new Map([...names].map((name) => [name, by(a.get(name) ?? 0, b.get(name) ?? 0)]))
}
