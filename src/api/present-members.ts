/** Without what is undefined, so that an absent member is absent. */
export function presentMembers<T extends object>(
  members: {
    readonly [K in keyof T]: T[K] | undefined
  },
): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}
