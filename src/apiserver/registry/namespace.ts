import type { Namespace } from '../../api/generated/types.ts'
import { namespaceFinalizer, namespaceNameLabel } from '../../api/names.ts'
import { namespaces } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

/** Defaulting knows given names only, this knows generated ones too. */
function withNameLabel(namespace: Namespace): Namespace {
  const { name, labels } = namespace.metadata
  if (name === undefined) return namespace
  const named = { ...labels, [namespaceNameLabel]: name }
  return { ...namespace, metadata: { ...namespace.metadata, labels: named } }
}

/** Held by its own finalizer until its content is gone, then freed through `/finalize` (E-20). */
export const namespaceStrategy = defineStrategy(namespaces, {
  subresources: ['status', 'finalize'],
  prepareForCreate(namespace) {
    const finalizers = namespace.spec?.finalizers ?? []
    const held = finalizers.includes(namespaceFinalizer)
      ? finalizers
      : [...finalizers, namespaceFinalizer]
    return {
      ...withNameLabel(namespace),
      spec: { ...namespace.spec, finalizers: held },
      status: { phase: 'Active' },
    }
  },
  prepareForUpdate: (namespace, old) =>
    withFieldOf(withFieldOf(namespace, old, 'spec'), old, 'status'),
  prepareForStatusUpdate: (namespace, old) => withFieldOf(namespace, old, 'spec'),
  beginDeletion: (namespace) => ({
    ...namespace,
    status: { ...namespace.status, phase: 'Terminating' },
  }),
  isHeld: (namespace) => (namespace.spec?.finalizers ?? []).length > 0,
})
