import type { PodTemplateSpec } from '../api/generated/types.ts'
import { oncePerFrozen } from '../base/memo.ts'

const hashLabel = 'pod-template-hash'

/**
 * The same for two templates only if they are the same but for the hash label: worked out here
 * anew, so that a mistake in the engine's own comparison is seen.
 */
export function templateText(template: PodTemplateSpec | undefined): string {
  return template ? textOfFrozen(template) : textOf(template)
}

const textOfFrozen = oncePerFrozen(textOf)

function textOf(template: PodTemplateSpec | undefined): string {
  return JSON.stringify(template, (key, value) => {
    if (key === hashLabel || typeof value !== 'object' || value === null) {
      return key === hashLabel ? undefined : value
    }
    if (Array.isArray(value)) return value
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return members.length > 0 ? Object.fromEntries(members) : undefined
  })
}
