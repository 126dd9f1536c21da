import { invalidValue, requiredValue } from '../field-errors.ts'
import type { LabelSelector, ObjectMeta, PodTemplateSpec } from '../generated/types.ts'
import { dns1123LabelErrors } from '../string-formats.ts'
import { isEmptySelector, selectorValue, validateLabelSelector } from './label-selector.ts'
import { validateWorkloadTemplate } from './pod-template.ts'
import { type Errors, immutable, isSame } from './rules.ts'

/** The selector of a Deployment or ReplicaSet, and the template that must match it. */
export function validateSelectorAndTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): Errors {
  const path = 'spec.selector'
  const wrong = validateLabelSelector(path, selector)
  const errors = selector ? [...wrong] : [requiredValue(path)]
  if (selector && isEmptySelector(selector)) {
    // Upstream says "deployment" of a ReplicaSet too.
    const detail = 'empty selector is invalid for deployment'
    errors.push(invalidValue(path, selectorValue(selector), detail))
  }
  if (selector && wrong.length > 0) {
    return [...errors, invalidValue(path, selectorValue(selector), 'invalid label selector')]
  }
  return [...errors, ...validateWorkloadTemplate(template ?? {}, selector)]
}

/** */
export function validateSelectorUnchanged(
  next: LabelSelector | undefined,
  previous: LabelSelector | undefined,
): Errors {
  if (isSame(next, previous)) return []
  return [invalidValue('spec.selector', next && selectorValue(next), immutable)]
}

/** pods are named after their workload, and pod names are host names. */
export function hostNameWarnings({ name = '' }: ObjectMeta, use: string): readonly string[] {
  const wrong = dns1123LabelErrors(name)
  if (wrong.length === 0) return []
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
  ]
}

/** Counts that may not exceed another one. */
export function atMost(
  counts: Readonly<Record<string, number | undefined>>,
  limit: number | undefined,
  detail: string,
): Errors {
  return Object.entries(counts)
    .filter(([, count = 0]) => count > (limit ?? 0))
    .map(([field, count]) => invalidValue(`status.${field}`, count, detail))
}

interface Collisions {
  readonly collisionCount?: number
}

/** It only ever grows, or names would be given out again. */
export function validateCollisionCount(
  next: Collisions | undefined,
  previous: Collisions | undefined,
): Errors {
  if (previous?.collisionCount === undefined) return []
  const count = next?.collisionCount
  if (count !== undefined && count >= previous.collisionCount) return []
  return [invalidValue('status.collisionCount', count ?? 0, 'cannot be decremented')]
}
