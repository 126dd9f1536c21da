import type { PersistentVolumeClaim } from '../../../api/generated/types.ts'
import { accessModesText } from './access-modes.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const persistentVolumeClaimTable: TableDefinition<PersistentVolumeClaim> = {
  columns: [
    nameColumn,
    column('Status', 'text', 'Pending until there is a volume for it.'),
    column('Volume', 'text', 'The volume it is bound to.'),
    column('Capacity', 'text', 'How much the volume holds.'),
    column('Access Modes', 'text', 'How the volume can be mounted.'),
    column('StorageClass', 'text', 'The class of storage it asks for.'),
    column('VolumeAttributesClass', 'text', 'The class of attributes it asks for.'),
    ageColumn,
    column('VolumeMode', 'wide text', 'Whether it is a file system or a block device.'),
  ],
  cells: ({ metadata, spec, status }, nowMs) => {
    return [
      metadata.name ?? '',
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      spec?.volumeName ?? '',
      spec?.volumeName ? (status?.capacity?.storage ?? '') : '',
      spec?.volumeName ? accessModesText(status?.accessModes) : '',
      spec?.storageClassName ?? '',
      spec?.volumeAttributesClassName || '<unset>',
      ageOf(metadata.creationTimestamp, nowMs),
      spec?.volumeMode ?? '<unset>',
    ]
  },
}
