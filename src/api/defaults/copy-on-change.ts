/** Copies of frozen objects, made only when something differs: no change, same reference. */

/**
 * `object` with the members of `defaults` that it lacks; those that are undefined do not count.
 * Only its own members are looked at: a map may have a key such as `constructor`.
 */
export function fill<T extends object>(object: T, defaults: Partial<T>): T {
  const missing = Object.entries(defaults).filter(
    ([key, value]) =>
      value !== undefined && (!Object.hasOwn(object, key) || object[key as keyof T] === undefined),
  )
  if (missing.length === 0) return object
  return Object.freeze({ ...object, ...Object.fromEntries(missing) })
}

/** `object` with one member replaced by what `next` makes of it; an absent member stays absent. */
export function change<T extends object, K extends keyof T>(
  object: T,
  key: K,
  next: (member: NonNullable<T[K]>) => T[K],
): T {
  const member = object[key]
  if (member === undefined || member === null) return object
  const changed = next(member)
  return changed === member ? object : Object.freeze({ ...object, [key]: changed })
}

export function changeEach<T>(list: readonly T[], next: (member: T) => T): readonly T[] {
  const changed = list.map(next)
  return changed.every((member, index) => member === list[index]) ? list : Object.freeze(changed)
}
