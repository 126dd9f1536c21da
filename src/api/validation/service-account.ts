import type { ServiceAccount } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import type { Errors } from './rules.ts'

export const serviceAccountRules: KindRules<ServiceAccount> = {
  create: validateServiceAccount,
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateServiceAccount(next),
  ],
}

function validateServiceAccount({ metadata }: ServiceAccount): Errors {
  return validateObjectMeta(metadata, { namespaced: true, name: dns1123SubdomainErrors })
}
