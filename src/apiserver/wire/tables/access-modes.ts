/** As kubectl writes them; an unknown one as it is. */
const shortModes: ReadonlyMap<string, string> = new Map([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
])

/** `RWO,RWX`, in the order in which kubectl lists them. */
export function accessModesText(modes: readonly string[] = []): string {
  const known = [...shortModes].flatMap(([mode, short]) => (modes.includes(mode) ? [short] : []))
  return [...known, ...modes.filter((mode) => !shortModes.has(mode))].join(',')
}
