import type { Volume } from '../../api/generated/types.ts'
import type { Lines } from './lines.ts'

/** A volume of a pod template as `kubectl describe` and `rollout history` show it (G-23). */
export function describeVolume(volume: Volume): Lines {
  const fields = fieldsOf(volume)
  if (!fields) return [`   ${volume.name}:`, '  <unknown>']
  return [`   ${volume.name}:`, ...fields.map(([name, value]) => `    ${name}:\t${value}`)]
}

type Fields = readonly (readonly [name: string, value: string | boolean])[]

function fieldsOf(volume: Volume): Fields | undefined {
  const { hostPath, emptyDir, secret, configMap, persistentVolumeClaim, nfs } = volume
  if (hostPath) {
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', hostPath.path],
      ['HostPathType', hostPath.type ?? ''],
    ]
  }
  if (emptyDir) {
    return [
      ['Type', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ['Medium', emptyDir.medium ?? ''],
      ['SizeLimit', emptyDir.sizeLimit ?? '<unset>'],
    ]
  }
  if (secret) {
    return [
      ['Type', 'Secret (a volume populated by a Secret)'],
      ['SecretName', secret.secretName ?? ''],
      ['Optional', secret.optional ?? false],
    ]
  }
  if (configMap) {
    return [
      ['Type', 'ConfigMap (a volume populated by a ConfigMap)'],
      ['Name', configMap.name ?? ''],
      ['Optional', configMap.optional ?? false],
    ]
  }
  if (persistentVolumeClaim) {
    const what = 'a reference to a PersistentVolumeClaim in the same namespace'
    return [
      ['Type', `PersistentVolumeClaim (${what})`],
      ['ClaimName', persistentVolumeClaim.claimName],
      ['ReadOnly', persistentVolumeClaim.readOnly ?? false],
    ]
  }
  if (!nfs) return undefined
  return [
    ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
    ['Server', nfs.server],
    ['Path', nfs.path],
    ['ReadOnly', nfs.readOnly ?? false],
  ]
}
