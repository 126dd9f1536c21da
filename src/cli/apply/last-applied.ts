import type { JsonValue } from '../../api/json.ts'
import { lastAppliedAnnotation } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { compactJson } from '../print/json-text.ts'

/** What apply remembers of a manifest: itself, but for this memory (G-05). */
export function lastApplied(object: KubeObject): string {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata?.annotations ?? {}
  const bare = { ...object, metadata: { ...object.metadata, annotations } }
  return `${compactJson(bare as unknown as JsonValue)}\n`
}
