import type { StorageClass } from '../generated/types.ts'
import { fill } from './copy-on-change.ts'

export function defaultStorageClass(storageClass: StorageClass): StorageClass {
  return fill(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })
}
