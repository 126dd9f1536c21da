import type { ControllerRevision } from '../../../api/generated/types.ts'
import { controllerRef } from '../../../api/object.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

/** `statefulset.apps/web`. */
function controllerText(revision: ControllerRevision): string {
  const owner = controllerRef(revision)
  if (!owner) return '<none>'
  const [group, version] = owner.apiVersion.split('/')
  const kind = owner.kind.toLowerCase()
  return `${version === undefined ? kind : `${kind}.${group}`}/${owner.name}`
}

export const controllerRevisionTable: TableDefinition<ControllerRevision> = {
  columns: [
    nameColumn,
    column('Controller', 'text', 'The object whose history this belongs to.'),
    column('Revision', 'number', 'Number in the history of the controller.'),
    ageColumn,
  ],
  cells: (revision, nowMs) => [
    revision.metadata.name ?? '',
    controllerText(revision),
    revision.revision,
    ageOf(revision.metadata.creationTimestamp, nowMs),
  ],
}
