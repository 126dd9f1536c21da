import { lstatSync, readlinkSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

const linksMax = 40

/**
 * Where a path leads inside `root`, as if that were the root of the file system: links are
 * followed, and none leads out. The path need not exist. With `isLinkKept` a link at its very end
 * is not followed.
 */
export function pathInside(
  root: string,
  path: string,
  { isLinkKept = false }: { readonly isLinkKept?: boolean } = {},
): string {
  let pending = names(path)
  let at: readonly string[] = []
  for (let links = 0; pending.length > 0; ) {
    const [name = '', ...rest] = pending
    pending = rest
    if (name === '..') {
      at = at.slice(0, -1)
      continue
    }
    const here = join(root, ...at, name)
    const target = isLinkKept && rest.length === 0 ? undefined : linkTarget(here)
    if (target === undefined) {
      at = [...at, name]
      continue
    }
    if (++links > linksMax) throw new Error(`too many symbolic links in ${path}`)
    if (isAbsolute(target)) at = []
    pending = [...names(target), ...rest]
  }
  return join(root, ...at)
}

/** Up is only what a `..` means where it stands, so the path is not made normal. */
function names(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function linkTarget(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isSymbolicLink() ? readlinkSync(path) : undefined
}
