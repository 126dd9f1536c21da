import { forbiddenValue, invalidValue } from '../field-errors.ts'
import type { Container, VolumeMount } from '../generated/types.ts'
import { validateKnown } from './field-reference.ts'
import { validateDescendingPath } from './path-rules.ts'
import { type Errors, each, requiredText, word } from './rules.ts'

/** A container's mounts; `names` are the pod's volumes. */
export function validateMounts(
  container: Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>,
  path: string,
  names: ReadonlySet<string>,
): Errors {
  const { volumeMounts, volumeDevices } = container
  const mountPaths = new Set<string>()
  const isPrivileged = container.securityContext?.privileged === true
  const mounts = each(`${path}.volumeMounts`, volumeMounts, (mount, at) => {
    const errors = [
      ...requiredText(`${at}.name`, mount.name),
      ...validateKnown(`${at}.name`, mount.name ?? '', names),
      ...requiredText(`${at}.mountPath`, mount.mountPath),
    ]
    if (mountPaths.has(mount.mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    }
    mountPaths.add(mount.mountPath)
    return [...errors, ...validateMountOptions(mount, `${path}.volumeMounts`, isPrivileged)]
  })
  const devices = each(`${path}.volumeDevices`, volumeDevices, (device, at) => [
    ...requiredText(`${at}.name`, device.name),
    ...validateKnown(`${at}.name`, device.name ?? '', names),
    ...requiredText(`${at}.devicePath`, device.devicePath),
  ])
  return [...mounts, ...devices]
}

function validateMountOptions(mount: VolumeMount, path: string, isPrivileged: boolean): Errors {
  const { subPath, subPathExpr, mountPropagation, recursiveReadOnly } = mount
  const propagations = ['Bidirectional', 'HostToContainer', 'None']
  const errors = [
    ...(subPath ? validateDescendingPath(`${path}.subPath`, subPath) : []),
    ...(subPathExpr ? validateDescendingPath(`${path}.subPathExpr`, subPathExpr) : []),
    ...word(`${path}.mountPropagation`, mountPropagation, propagations),
    ...word(`${path}.recursiveReadOnly`, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']),
  ]
  if (subPath && subPathExpr) {
    const detail = 'subPathExpr and subPath are mutually exclusive'
    errors.push(invalidValue(`${path}.subPathExpr`, subPathExpr, detail))
  }
  if (mountPropagation === 'Bidirectional' && !isPrivileged) {
    const detail = 'Bidirectional mount propagation is available only to privileged containers'
    errors.push(forbiddenValue(`${path}.mountPropagation`, detail))
  }
  return errors
}
