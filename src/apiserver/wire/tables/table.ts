import type { JsonValue } from '../../../api/json.ts'
import type { KubeObject } from '../../../api/object.ts'

/** One column as it goes over the wire (H-05); kubectl shows priority 1 only with `-o wide`. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date' | 'boolean'
  readonly format: '' | 'name'
  readonly description: string
  readonly priority: 0 | 1
}

export interface RowCondition {
  readonly type: 'Completed'
  readonly status: 'True'
  readonly reason: string
  readonly message: string
}

/** How one kind is printed (G.6). `cells` has one cell per column, also for the wide ones. */
export interface TableDefinition<T extends KubeObject = KubeObject> {
  readonly columns: readonly Column[]
  cells(object: T, nowMs: number): readonly JsonValue[]
  /** Marks rows that a client may hide as finished. */
  conditions?(object: T): readonly RowCondition[]
}

type ColumnKind = 'flag' | 'text' | 'wide text' | 'number' | 'wide number' | 'name' | 'wide name'

export function column(name: string, kind: ColumnKind, description: string): Column {
  return {
    name,
    type: kind === 'flag' ? 'boolean' : kind.endsWith('number') ? 'integer' : 'string',
    format: kind.endsWith('name') ? 'name' : '',
    description,
    priority: kind.startsWith('wide') ? 1 : 0,
  }
}

export const nameColumn = column('Name', 'name', 'Unique within the namespace and the kind.')
export const ageColumn = column('Age', 'text', 'Time since the object was created.')

/** The columns that every kind with a pod template shows at the end of `-o wide`. */
export const templateColumns = [
  column('Containers', 'wide text', 'Names of the containers of the pod template.'),
  column('Images', 'wide text', 'Images of the containers of the pod template.'),
]

export const selectorColumn = column('Selector', 'wide text', 'Which pods belong to the object.')
