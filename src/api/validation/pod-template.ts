import { forbiddenValue, invalidValue, unsupportedValue } from '../field-errors.ts'
import type { LabelSelector, PodTemplateSpec } from '../generated/types.ts'
import { matchesLabels } from '../labels.ts'
import { podDeletionCostAnnotation } from '../names.ts'
import { isEmptySelector, labelsValue, validateLabels } from './label-selector.ts'
import { validateAnnotations } from './object-meta.ts'
import { validateNoEphemeralContainers, validatePodSpec } from './pod-spec.ts'
import type { Errors } from './rules.ts'

/**
 * The template of a Deployment or ReplicaSet: what its selector selects, and always restarted
 * . `selector` must be valid; an empty one has been refused already and is not held
 * against the labels.
 */
export function validateWorkloadTemplate(
  template: PodTemplateSpec,
  selector: LabelSelector | undefined,
): Errors {
  return [
    ...validateSelected(template, selector),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateLongRunning(template, 'ReplicaSet'),
  ]
}

/** */
export function validateSelected(
  template: PodTemplateSpec,
  selector: LabelSelector | undefined,
): Errors {
  const labels = template.metadata?.labels
  // Upstream reads an absent selector as one that selects nothing, and an empty one as no demand.
  if (selector && (isEmptySelector(selector) || matchesLabels(selector, labels))) return []
  const shown = labels && labelsValue(labels)
  const detail = '`selector` does not match template `labels`'
  return [invalidValue('spec.template.metadata.labels', shown, detail)]
}

/** A-35; `kind` as the error names it. */
export function validateLongRunning({ spec }: PodTemplateSpec, kind: string): Errors {
  const path = 'spec.template.spec'
  const errors = []
  if (spec?.restartPolicy !== 'Always') {
    const policy = spec?.restartPolicy ?? ''
    errors.push(unsupportedValue(`${path}.restartPolicy`, policy, ['Always']))
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`
    errors.push(forbiddenValue(`${path}.activeDeadlineSeconds`, detail))
  }
  return errors
}

/** Labels and annotations are reported without `metadata`, as upstream does. */
export function validateTemplateMetadata({ metadata }: PodTemplateSpec, path: string): Errors {
  return [
    ...validateLabels(`${path}.labels`, metadata?.labels),
    ...validateAnnotations(`${path}.annotations`, metadata?.annotations),
    ...validateDeletionCost(metadata?.annotations, `${path}.annotations`),
  ]
}

export function validatePodTemplate(template: PodTemplateSpec, path: string): Errors {
  const { spec = { containers: [] } } = template
  const ephemeral = 'ephemeral containers not allowed in pod template'
  return [
    ...validateTemplateMetadata(template, path),
    ...validatePodSpec(spec, `${path}.spec`, { isPod: false }),
    ...validateNoEphemeralContainers(spec, `${path}.spec`, ephemeral),
  ]
}

/** C-08: which pods go first when a ReplicaSet shrinks, as a 32 bit integer. */
export function validateDeletionCost(
  annotations: { readonly [key: string]: string } | undefined,
  path: string,
): Errors {
  const cost = annotations?.[podDeletionCostAnnotation]
  if (cost === undefined || isInt32(cost)) return []
  return [invalidValue(`${path}[${podDeletionCostAnnotation}]`, cost, 'must be a 32bit integer')]
}

function isInt32(text: string): boolean {
  const value = Number(text)
  return /^(-?[1-9]\d*|0)$/.test(text) && value >= -(2 ** 31) && value < 2 ** 31
}
