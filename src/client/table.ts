import type { JsonValue } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'

/** A list as the server would print it (H-05). */
export interface Table {
  readonly kind: 'Table'
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
  /** In a watch only the first event carries them. */
  readonly columnDefinitions: readonly TableColumn[]
  readonly rows: readonly TableRow[]
}

export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  /** 0: always shown; greater: with `-o wide`. */
  readonly priority: number
}

export interface TableRow {
  readonly cells: readonly JsonValue[]
  /** PartialObjectMetadata unless the request asked for `Object` or `None` (null). */
  readonly object?: KubeObject | null
}

export const tableAccept = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json',
].join(',')

export interface TableOptions {
  /** One object instead of a collection. */
  readonly name?: string
  readonly includeObject?: 'None' | 'Metadata' | 'Object'
}
