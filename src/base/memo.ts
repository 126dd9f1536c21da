/**
 * `make`, called once for each frozen object, and every time for one that may still change. Objects
 * of the API are frozen, and share their parts over many writes: what is worked out of a part (a
 * hash, a text) need not be worked out at every pass of every controller.
 */
export function oncePerFrozen<K extends object, V>(make: (from: K) => V): (from: K) => V {
  const made = new WeakMap<K, { readonly value: V }>()
  return (from) => {
    const known = made.get(from)
    if (known) return known.value
    const value = make(from)
    if (Object.isFrozen(from)) made.set(from, { value })
    return value
  }
}
