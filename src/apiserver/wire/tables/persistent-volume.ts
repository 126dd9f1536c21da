import type { PersistentVolume } from '../../../api/generated/types.ts'
import { accessModesText } from './access-modes.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const persistentVolumeTable: TableDefinition<PersistentVolume> = {
  columns: [
    nameColumn,
    column('Capacity', 'text', 'How much it holds.'),
    column('Access Modes', 'text', 'How it can be mounted.'),
    column('Reclaim Policy', 'text', 'What becomes of it when it is released.'),
    column('Status', 'text', 'Whether it is bound.'),
    column('Claim', 'text', 'The claim it is bound to.'),
    column('StorageClass', 'text', 'The class of storage it belongs to.'),
    column('VolumeAttributesClass', 'text', 'The class of attributes it has.'),
    column('Reason', 'text', 'Why it is in this state.'),
    ageColumn,
    column('VolumeMode', 'wide text', 'Whether it is a file system or a block device.'),
  ],
  cells: ({ metadata, spec, status }, nowMs) => {
    const claim = spec?.claimRef
    return [
      metadata.name ?? '',
      spec?.capacity?.storage ?? '0',
      accessModesText(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '',
      spec?.storageClassName ?? '',
      spec?.volumeAttributesClassName ?? '<unset>',
      status?.reason ?? '',
      ageOf(metadata.creationTimestamp, nowMs),
      spec?.volumeMode ?? '<unset>',
    ]
  },
}
