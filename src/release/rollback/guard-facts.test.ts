import { expect, test } from 'vitest'
import type { ObjectMeta } from '../../api/generated/types.ts'
import { ownerOf } from './guard-facts.ts'
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
