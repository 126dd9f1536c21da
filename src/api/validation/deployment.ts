import { invalidValue } from '../field-errors.ts'
import type { Deployment, DeploymentSpec, DeploymentStatus } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { validateStrategy } from './rolling-update.ts'
import { type Errors, nonNegative } from './rules.ts'
import {
  atMost,
  hostNameWarnings,
  validateCollisionCount,
  validateSelectorAndTemplate,
  validateSelectorUnchanged,
} from './workload.ts'

/** */
export const deploymentRules: KindRules<Deployment> = {
  create: (deployment) => [
    ...validateObjectMeta(deployment.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(deployment.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSelectorUnchanged(next.spec?.selector, previous.spec?.selector),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateStatus(next.status ?? {}),
    ...validateCollisionCount(next.status, previous.status),
  ],
  warnings: ({ metadata, spec }) => [
    ...hostNameWarnings(metadata, 'Pod names and hostnames'),
    ...podSpecWarnings(spec?.template, 'spec.template'),
  ],
}

function validateSpec(spec: Partial<DeploymentSpec> = {}): Errors {
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', deadline),
  ]
  if (deadline !== undefined && deadline <= minReadySeconds) {
    const detail = 'must be greater than minReadySeconds'
    errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, detail))
  }
  return errors
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const

function validateStatus(status: DeploymentStatus): Errors {
  const { updatedReplicas, readyReplicas, availableReplicas, replicas } = status
  const parts = { updatedReplicas, readyReplicas, availableReplicas }
  return [
    ...counts.flatMap((field) => nonNegative(`status.${field}`, status[field])),
    ...atMost(parts, replicas, 'cannot be greater than status.replicas'),
    ...atMost({ availableReplicas }, readyReplicas, 'cannot be greater than readyReplicas'),
  ]
}
