/**
 * Paths in backticks or links of a document that do not exist. `exists` takes a path below the
 * root.
 */
export function documentFaults(
  path: string,
  text: string,
  exists: (path: string) => boolean,
): string[] {
  const named = [...text.matchAll(/`((?:src|test|tools|docs|examples|bin)\/[\w./-]+)`/g)]
  const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : ''
  const faults = named.map((match) => match[1] as string).filter((target) => !exists(target))
  const broken = linked
    .map((match) => match[1] as string)
    .filter((target) => !exists(folder + target))
  return [...faults, ...broken].map((target) => `${path}: names ${target}, which does not exist`)
}
