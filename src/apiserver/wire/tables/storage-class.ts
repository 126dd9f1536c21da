import type { StorageClass } from '../../../api/generated/types.ts'
import { defaultStorageClassAnnotation } from '../../../api/names.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const storageClassTable: TableDefinition<StorageClass> = {
  columns: [
    nameColumn,
    column('Provisioner', 'text', 'Who makes its volumes.'),
    column('ReclaimPolicy', 'text', 'What becomes of a volume when it is released.'),
    column('VolumeBindingMode', 'text', 'When a volume is made for a claim.'),
    column('AllowVolumeExpansion', 'text', 'Whether its volumes can grow.'),
    ageColumn,
  ],
  cells: (storageClass, nowMs) => {
    const { metadata, provisioner, reclaimPolicy, volumeBindingMode } = storageClass
    const isDefault = metadata.annotations?.[defaultStorageClassAnnotation] === 'true'
    return [
      `${metadata.name}${isDefault ? ' (default)' : ''}`,
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? 'Immediate',
      storageClass.allowVolumeExpansion ?? false,
      ageOf(metadata.creationTimestamp, nowMs),
    ]
  },
}
