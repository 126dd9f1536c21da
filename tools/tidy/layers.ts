/**
 * The layer table: a folder imports from lower layers and from itself, never from a sibling. It is
 * also the diagram of
 * ARCHITECTURE.md. `controllers/*` are siblings of each other.
 */
export const layers: readonly (readonly string[])[] = [
  ['base'],
  ['api', 'store'],
  ['rollout', 'apiserver', 'client', 'git'],
  ['controller', 'release'],
  ['controllers/*', 'scheduler', 'node', 'proxy', 'dns'],
  ['cluster', 'ui'],
  ['cli'],
  ['sim'],
]

/**
 * The layered folder of a path below `src/`: `controllers/deployment`, `base`, …; undefined if it
 * is in none.
 */
export function folderOf(path: string): string | undefined {
  const [first, second] = path.split('/')
  if (first === undefined) return undefined
  if (first === 'controllers') return `controllers/${second}`
  return layers.some((layer) => layer.includes(first)) ? first : undefined
}

function levelOf(folder: string): number {
  const name = folder.startsWith('controllers/') ? 'controllers/*' : folder
  return layers.findIndex((layer) => layer.includes(name))
}

export function mayImport(from: string, to: string): boolean {
  return from === to || levelOf(to) < levelOf(from)
}
