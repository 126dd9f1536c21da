import { expect, test } from 'vitest'
import type { ObjectMeta } from '../../api/generated/types.ts'
import type { JsonObject } from '../../api/json.ts'
import { givenStatefulSet } from '../workload/given-set.fixture.ts'
import { fixedFieldsChanged, ownerOf } from './guard-facts.ts'
import type { Owner } from './guards.ts'

type Marks = Pick<ObjectMeta, 'labels' | 'annotations'>

test.each<[string, Marks, Owner | undefined]>([
  ['nobody', {}, undefined],
  [
    'Argo CD, by annotation',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'web:apps/Deployment:x/app' } },
    { tool: 'Argo CD', name: 'web', isSuspended: false },
  ],
  [
    'Argo CD, by label, and told to let it be',
    {
      labels: { 'argocd.argoproj.io/instance': 'web' },
      annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' },
    },
    { tool: 'Argo CD', name: 'web', isSuspended: true },
  ],
  [
    "Flux's Kustomization",
    { labels: { 'kustomize.toolkit.fluxcd.io/name': 'web' } },
    { tool: 'Flux', name: 'web', isSuspended: false },
  ],
  [
    "Flux's Kustomization, told to let it be",
    {
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'web' },
      annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
    },
    { tool: 'Flux', name: 'web', isSuspended: true },
  ],
  [
    "Flux's HelmRelease before Helm, which it uses",
    {
      labels: { 'helm.toolkit.fluxcd.io/name': 'web' },
      annotations: { 'meta.helm.sh/release-name': 'web' },
    },
    { tool: 'Flux', name: 'web', isSuspended: false },
  ],
  [
    'Helm',
    { annotations: { 'meta.helm.sh/release-name': 'web' } },
    { tool: 'Helm', name: 'web', isSuspended: false },
  ],
])('whose it is: %s', (_, marks, expected) => {
  const metadata = { name: 'app', ...marks }
  expect(ownerOf({ apiVersion: 'apps/v1', kind: 'Deployment', metadata })).toEqual(expected)
})

const claim = (size: string): JsonObject => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
})

test.each<[string, JsonObject, readonly string[]]>([
  ['nothing', {}, []],
  ['what the server lets change', { minReadySeconds: 9, replicas: 7 }, []],
  ['another Service', { serviceName: 'other' }, ['serviceName']],
  ['how pods are managed', { podManagementPolicy: 'Parallel' }, ['podManagementPolicy']],
  ['claims of another size', { volumeClaimTemplates: [claim('2Gi')] }, ['volumeClaimTemplates']],
  ['the same claims', { volumeClaimTemplates: [claim('1Gi')] }, []],
])('what a target has otherwise and cannot change in a StatefulSet: %s', (_, spec, expected) => {
  const claims = { volumeClaimTemplates: [claim('1Gi')] }
  const manifest = givenStatefulSet('app:1', { spec: { ...claims, ...spec } })
  // As a server answers that says of claims what nobody writes.
  const served = { ...claim('1Gi'), apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  const live = givenStatefulSet('app:2', { spec: { volumeClaimTemplates: [served] } })
  expect(fixedFieldsChanged(live, manifest as unknown as JsonObject)).toEqual(expected)
})
