import type { PodTemplateSpec } from '../api/generated/types.ts'

const hashLabel = 'pod-template-hash'

/** Templates are frozen, and shared by the many versions of an object whose status changes. */
const texts = new WeakMap<PodTemplateSpec, string>()

/**
 * The same for two templates only if they are the same but for the hash label: worked out here
 * anew, so that a mistake in the engine's own comparison is seen.
 */
export function templateText(template: PodTemplateSpec | undefined): string {
  const known = template && texts.get(template)
  if (known !== undefined) return known
  const text = textOf(template)
  if (template && Object.isFrozen(template)) texts.set(template, text)
  return text
}

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
