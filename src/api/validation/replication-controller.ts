import { requiredValue } from '../field-errors.ts'
import type {
  PodTemplateSpec,
  ReplicationController,
  ReplicationControllerSpec,
} from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateLongRunning, validatePodTemplate, validateSelected } from './pod-template.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { type Errors, nonNegative } from './rules.ts'
import { hostNameWarnings } from './workload.ts'

export const replicationControllerRules: KindRules<ReplicationController> = {
  create: ({ metadata, spec }) => [
    ...validateObjectMeta(metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
  ],
  warnings: ({ metadata, spec }) => [
    ...hostNameWarnings(metadata, 'Pod names and hostnames'),
    ...podSpecWarnings(spec?.template, 'spec.template'),
  ],
  notDone:
    'replicationcontrollers are kept as data here: nothing starts pods for one; use a Deployment',
}

function validateSpec(spec: ReplicationControllerSpec = {}): Errors {
  const { selector = {}, template, replicas } = spec
  return [
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(Object.keys(selector).length > 0 ? [] : [requiredValue('spec.selector')]),
    ...(replicas === undefined ? [requiredValue('spec.replicas')] : []),
    ...nonNegative('spec.replicas', replicas),
    ...(template ? validateTemplate(template, selector) : [requiredValue('spec.template')]),
  ]
}

function validateTemplate(
  template: PodTemplateSpec,
  matchLabels: { readonly [name: string]: string },
): Errors {
  return [
    ...validateSelected(template, { matchLabels }),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateLongRunning(template, 'ReplicationController'),
  ]
}
