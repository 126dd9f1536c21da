import type { ManagedFieldsEntry } from '../generated/types.ts'
import { StatusError } from '../status-error.ts'
import { difference, type FieldSet, isEmptySet, pathTexts } from './field-set.ts'

/** Fields that an apply would change though another manager owns them. */
export interface Conflict {
  readonly owner: ManagedFieldsEntry
  readonly fields: FieldSet
}

/** The conflicts without these fields. */
export function conflictsOutside(
  conflicts: readonly Conflict[],
  fields: FieldSet,
): readonly Conflict[] {
  return conflicts
    .map((conflict) => ({ ...conflict, fields: difference(conflict.fields, fields) }))
    .filter((conflict) => !isEmptySet(conflict.fields))
}

/** `"NAME" with subresource "status" using apps/v1`: the version only where it updated. */
function ownerText({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const name = JSON.stringify(manager ?? '')
  const place = subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''
  return name + place + (operation === 'Update' ? ` using ${apiVersion}` : '')
}

/** H-15: 409 with one cause per field. `conflicts` must not be empty. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const owners = conflicts
    .map(({ owner, fields }) => ({ text: ownerText(owner), paths: pathTexts(fields) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
  const causes = owners.flatMap(({ text, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${text}`,
      field,
    })),
  )
  return new StatusError('Conflict', messageOf(owners, causes.length), { causes })
}

interface Owner {
  readonly text: string
  readonly paths: readonly string[]
}

function messageOf(owners: readonly Owner[], count: number): string {
  if (count === 1) {
    const [owner] = owners
    return `Apply failed with 1 conflict: conflict with ${owner?.text}: ${owner?.paths[0]}`
  }
  const lines = owners.flatMap(({ text, paths }) => [
    `conflicts with ${text}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}
