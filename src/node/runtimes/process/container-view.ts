import { join, normalize, relative } from 'node:path'
import type { Mount } from '../../runtime.ts'
import { isWithin } from '../../volumes/host-directory.ts'

/** The place on this machine of what a container sees at a path. */
export type ContainerView = (path: string) => string

/** What a container sees that shares this machine's file tree. */
export const machineView: ContainerView = (path) => path

/** As `beneath` has it, but for the mounts, of which the innermost counts. */
export function mountedView(
  mounts: readonly Pick<Mount, 'hostPath' | 'containerPath'>[],
  beneath: ContainerView = machineView,
): ContainerView {
  return (path) => {
    const covering = mounts
      .filter(({ containerPath }) => isWithin(normalize(containerPath), path))
      .sort((a, b) => b.containerPath.length - a.containerPath.length)[0]
    if (!covering) return beneath(path)
    return join(covering.hostPath, relative(normalize(covering.containerPath), path))
  }
}
