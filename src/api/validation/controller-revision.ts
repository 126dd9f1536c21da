import { requiredValue } from '../field-errors.ts'
import type { ControllerRevision } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, nonNegative, unchanged } from './rules.ts'

/** */
export const controllerRevisionRules: KindRules<ControllerRevision> = {
  create: (revision) => [
    ...validateObjectMeta(revision.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateContent(revision),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateContent(next),
    ...unchanged('data', next.data, previous.data),
  ],
}

function validateContent({ data, revision }: ControllerRevision): Errors {
  const errors = data === undefined ? [requiredValue('data', 'data is mandatory')] : []
  // A bigint is only what a number cannot hold: its sign is all that matters here.
  return [...errors, ...nonNegative('revision', Number(revision))]
}
