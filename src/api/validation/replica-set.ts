import type { ReplicaSet, ReplicaSetSpec, ReplicaSetStatus } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { type Errors, nonNegative } from './rules.ts'
import {
  atMost,
  hostNameWarnings,
  validateSelectorAndTemplate,
  validateSelectorUnchanged,
} from './workload.ts'

/** */
export const replicaSetRules: KindRules<ReplicaSet> = {
  create: (replicaSet) => [
    ...validateObjectMeta(replicaSet.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(replicaSet.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSelectorUnchanged(next.spec?.selector, previous.spec?.selector),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateStatus(next.status),
  ],
  warnings: ({ metadata, spec }) => [
    ...hostNameWarnings(metadata, 'Pod names and hostnames'),
    ...podSpecWarnings(spec?.template, 'spec.template'),
  ],
}

function validateSpec(spec: Partial<ReplicaSetSpec> = {}): Errors {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
  ]
}

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const

function validateStatus(status: Partial<ReplicaSetStatus> = {}): Errors {
  const { fullyLabeledReplicas, readyReplicas, availableReplicas, replicas } = status
  const parts = { fullyLabeledReplicas, readyReplicas, availableReplicas }
  return [
    ...counts.flatMap((field) => nonNegative(`status.${field}`, status[field])),
    ...atMost(parts, replicas, 'cannot be greater than status.replicas'),
    ...atMost({ availableReplicas }, readyReplicas, 'cannot be greater than readyReplicas'),
  ]
}
