import type { PersistentVolumeClaim } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

/** As kubectl writes them; an unknown one as it is. */
const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

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
    const modes = (status?.accessModes ?? []).map((mode) => shortModes[mode] ?? mode)
    return [
      metadata.name ?? '',
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      spec?.volumeName ?? '',
      spec?.volumeName ? (status?.capacity?.storage ?? '') : '',
      spec?.volumeName ? modes.join(',') : '',
      spec?.storageClassName ?? '',
      spec?.volumeAttributesClassName || '<unset>',
      ageOf(metadata.creationTimestamp, nowMs),
      spec?.volumeMode ?? '<unset>',
    ]
  },
}
