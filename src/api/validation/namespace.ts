import { invalidValue } from '../field-errors.ts'
import type { Namespace } from '../generated/types.ts'
import { dns1123LabelErrors, qualifiedNameErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import {
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateStandardFinalizer,
} from './object-meta.ts'
import { type Errors, each, formatted } from './rules.ts'

export const namespaceRules: KindRules<Namespace> = {
  create: (namespace) => [
    ...validateObjectMeta(namespace.metadata, { namespaced: false, name: dns1123LabelErrors }),
    ...(namespace.spec?.finalizers ?? []).flatMap((name) =>
      validateFinalizer(name, 'spec.finalizers'),
    ),
  ],
  update: (next, previous) => validateObjectMetaUpdate(next.metadata, previous.metadata),
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validatePhase(next),
  ],
}

/** Writes through `/finalize`. */
export function validateNamespaceFinalize(next: Namespace, previous: Namespace): Errors {
  return [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...each('spec.finalizers', next.spec?.finalizers, validateFinalizer),
  ]
}

function validateFinalizer(name: string, path: string): Errors {
  return [...formatted(path, name, qualifiedNameErrors), ...validateStandardFinalizer(name, path)]
}

function validatePhase({ metadata, status }: Namespace): Errors {
  const phase = status?.phase ?? ''
  const isLeaving = metadata.deletionTimestamp !== undefined
  if (phase === (isLeaving ? 'Terminating' : 'Active')) return []
  const detail = isLeaving
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty"
  return [invalidValue('status.Phase', phase, detail)]
}
