import type { Namespace } from '../generated/types.ts'
import { namespaceNameLabel } from '../names.ts'
import { change, fill } from './copy-on-change.ts'

/**
 * Phase Active, and the label that carries the name (so the name must be final). The finalizer is
 * the API server's to add on create only: an update must not bring it back.
 */
export function defaultNamespace(namespace: Namespace): Namespace {
  const active = change(fill(namespace, { status: Object.freeze({}) }), 'status', (status) =>
    fill(status, { phase: 'Active' }),
  )
  const { name } = active.metadata
  if (name === undefined || active.metadata.labels?.[namespaceNameLabel] === name) return active
  const labels = Object.freeze({ ...active.metadata.labels, [namespaceNameLabel]: name })
  return change(active, 'metadata', (metadata) => Object.freeze({ ...metadata, labels }))
}
