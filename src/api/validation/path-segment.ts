/**
 * What keeps a text from being one segment of a URL's path. Names of roles and bindings need be no
 * more than that (`system:aggregate-to-view`).
 */
export function pathSegmentErrors(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%']
    .filter((character) => name.includes(character))
    .map((character) => `may not contain '${character}'`)
}
