/** What the conditions of all kinds have in common. */
export interface TypedCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string
}

export function findCondition<C extends TypedCondition>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isConditionTrue(
  conditions: readonly TypedCondition[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/** The list without the condition of this type; the same list when there is none. */
export function withoutCondition<C extends TypedCondition>(
  conditions: readonly C[],
  type: string,
): readonly C[] {
  return findCondition(conditions, type)
    ? Object.freeze(conditions.filter((condition) => condition.type !== type))
    : conditions
}

/**
 * The list with `next` in the place of the condition of its type (at the end if there is none).
 * lastTransitionTime is `now` (RFC 3339) when the status flips or the condition is new, else what
 * it was (F-02); the same list when nothing changes. For Pods, Nodes and Namespaces; Deployments
 * and ReplicaSets have an order and an update time of their own (B-54, B-58).
 */
export function setCondition<C extends TypedCondition>(
  conditions: readonly C[] | undefined,
  next: C,
  now: string,
): readonly C[] {
  const list = conditions ?? []
  const index = list.findIndex((condition) => condition.type === next.type)
  const previous = list[index]
  const lastTransitionTime = previous?.status === next.status ? previous.lastTransitionTime : now
  const condition = Object.freeze({ ...next, lastTransitionTime })
  if (previous === undefined) return Object.freeze([...list, condition])
  return isSame(previous, condition) ? list : Object.freeze(list.with(index, condition))
}

function isSame(a: object, b: object): boolean {
  const before = Object.entries(a).filter(([, value]) => value !== undefined)
  const after = new Map(Object.entries(b).filter(([, value]) => value !== undefined))
  return before.length === after.size && before.every(([key, value]) => after.get(key) === value)
}
