import { folderOf, mayImport } from './layers.ts'
import { isTest, type SourceFile } from './source-tree.ts'

const below = (path: string) => path.replace(/^src\//, '')

/** Imports that go up, or sideways to a sibling. */
export function layerFaults(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, imports }) => {
      const from = folderOf(below(path))
      if (from === undefined) return [`${path}: its folder is in no layer (tools/tidy/layers.ts)`]
      return imports.flatMap((target) => {
        const to = target.startsWith('src/') ? folderOf(below(target)) : undefined
        if (to === undefined) return [`${path}: imports ${target}, which is in no layer`]
        return mayImport(from, to) ? [] : [`${path}: ${from} must not import ${to} (${target})`]
      })
    })
}

/** One fault per cycle of imports, type imports included: the files in it, in order. */
export function cycleFaults(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const faults: string[] = []
  const walk = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) faults.push(`import cycle: ${[...trail.slice(start), path].join(' -> ')}`)
    if (start >= 0 || done.has(path)) return
    for (const next of byPath.get(path)?.imports ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) walk(path, [])
  return faults
}

/** Files below `src/` that no entry point reaches; a file that only tests reach is dead too. */
export function deadFileFaults(files: readonly SourceFile[], entries: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const reached = new Set<string>()
  const pending = [...entries]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    pending.push(...(byPath.get(next)?.imports ?? []))
  }
  return files
    .filter(({ path }) => path.startsWith('src/') && !isTest(path) && !reached.has(path))
    .map(({ path }) => `${path}: nothing that is run imports it`)
}
