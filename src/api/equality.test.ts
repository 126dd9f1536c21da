import { describe, expect, test } from 'vitest'
import { semanticEqual, templatesEqual } from './equality.ts'
import type { PodTemplateSpec } from './generated/types.ts'

describe('B-10 what means the same', () => {
  test.each([
    ['ObjectMeta', {}, { labels: {}, annotations: undefined, finalizers: [] }],
    ['DeploymentSpec', {}, { minReadySeconds: 0, paused: false, strategy: {} }],
    ['ResourceRequirements', { limits: { cpu: '1' } }, { limits: { cpu: '1000m' } }],
    ['ResourceRequirements', { requests: { m: '1Gi' } }, { requests: { m: '1024Mi' } }],
    ['ResourceFieldSelector', {}, { divisor: '0' }],
    [
      'ObjectMeta',
      { creationTimestamp: '2026-01-01T00:00:00Z' },
      { creationTimestamp: '2026-01-01T01:00:00+01:00' },
    ],
    ['Container', { resources: {} }, { resources: { limits: {} } }],
  ])('%s: %j and %j', (model, a, b) => {
    expect(semanticEqual(model, a, b)).toBe(true)
    expect(semanticEqual(model, b, a)).toBe(true)
  })
})

describe('B-10 what differs', () => {
  test.each([
    ['DeploymentSpec', {}, { replicas: 0 }],
    ['PodSecurityContext', {}, { runAsUser: 0 }],
    ['PodSpec', {}, { securityContext: {} }],
    ['Volume', { name: 'v' }, { name: 'v', emptyDir: {} }],
    ['ObjectMeta', { labels: { a: '' } }, { labels: { b: '' } }],
    ['ObjectMeta', { labels: { constructor: 'x' } }, { labels: { a: 'x' } }],
    ['Container', { args: ['a', 'b'] }, { args: ['b', 'a'] }],
    ['Container', { args: ['a'] }, { args: ['a', ''] }],
    ['RollingUpdateDeployment', { maxSurge: 1 }, { maxSurge: '1' }],
    ['ResourceRequirements', { limits: { cpu: '1' } }, { requests: { cpu: '1' } }],
    [
      'LeaseSpec',
      { renewTime: '2026-01-01T00:00:00.000001Z' },
      { renewTime: '2026-01-01T00:00:00.000002Z' },
    ],
    ['ControllerRevision', { data: { a: [1, null] } }, { data: { a: [1, 0] } }],
  ])('%s: %j and %j', (model, a, b) => {
    expect(semanticEqual(model, a, b)).toBe(false)
    expect(semanticEqual(model, b, a)).toBe(false)
  })
})

describe('B-10 pod templates', () => {
  const template: PodTemplateSpec = {
    metadata: { labels: { app: 'x' } },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  }
  const labelled = (labels: Readonly<Record<string, string>>): PodTemplateSpec => ({
    ...template,
    metadata: { labels },
  })

  test('are equal but for pod-template-hash, on either side', () => {
    const hashed = labelled({ app: 'x', 'pod-template-hash': '6ff88c4474' })
    const otherwise = labelled({ app: 'x', 'pod-template-hash': '5d59d67564' })
    expect(templatesEqual(template, hashed)).toBe(true)
    expect(templatesEqual(hashed, template)).toBe(true)
    expect(templatesEqual(hashed, otherwise)).toBe(true)
    expect(hashed.metadata?.labels).toHaveProperty('pod-template-hash')
  })

  test('a hash alone is no label', () => {
    const { metadata: _metadata, ...bare } = template
    expect(templatesEqual(bare, labelled({ 'pod-template-hash': 'h' }))).toBe(true)
  })

  test('differ in any other label, in annotations, in the spec', () => {
    expect(templatesEqual(template, labelled({ app: 'y' }))).toBe(false)
    const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' }
    const metadata = { ...template.metadata, annotations: restarted }
    expect(templatesEqual(template, { ...template, metadata })).toBe(false)
    const spec = { containers: [{ name: 'app', image: 'app:2' }] }
    expect(templatesEqual(template, { ...template, spec })).toBe(false)
  })
})
