import { describe, expect, test } from 'vitest'
import type { Pod, ReplicaSet } from '../../api/generated/types.ts'
import { lastAppliedAnnotation, restartedAtAnnotation } from '../../api/names.ts'
import {
  givenDeployment,
  givenObserved,
  givenRelease,
  givenTemplate,
  rolledOut,
} from '../given-release.fixture.ts'
import type { ObservedWorkload } from '../observe-workload.ts'
import { provenanceAnnotations, type Writing } from '../provenance.ts'
import { keptReplicaSet } from '../workload/deployment-rules.ts'
import { contentDigest } from './configuration.ts'
import { nextRecord } from './next-record.ts'

const input = { nowMs: Date.UTC(2026, 0, 2), secrets: [], limit: 50 }
const plan = (observed: ObservedWorkload) => nextRecord(observed, input)
const envFrom = {
  containers: [{ name: 'app', image: 'app:1', envFrom: [{ configMapRef: { name: 'c' } }] }],
}
const signed = (operation: string, more: Partial<Writing> = {}): Writing => ({
  provenance: { commit: 'c'.repeat(40) },
  source: 'apply',
  operation,
  ...more,
})
const annotated = (image: string, writing: Writing, of = image) =>
  givenDeployment(image, { annotations: provenanceAnnotations(writing, givenTemplate(of)) })

describe('one record per distinct running state', () => {
  test('the first', () => {
    const { create } = plan(givenObserved(givenDeployment()))
    expect(create).toMatchObject({ number: 1, source: 'apply', at: '2026-01-02T00:00:00Z' })
  })

  test('none for the same state, a restart, or another size', () => {
    const releases = [givenRelease(1)]
    const restarted = givenDeployment('app:1', { more: { replicas: 9 } })
    const template = restarted.spec?.template ?? {}
    const metadata = { ...template.metadata, annotations: { [restartedAtAnnotation]: 'now' } }
    const spec = { ...restarted.spec, template: { ...template, metadata } }
    const again = givenObserved({ ...restarted, spec } as typeof restarted, { releases })
    expect(plan(again).create).toBeUndefined()
  })

  test('a changed ConfigMap is a state of its own; its content goes along', () => {
    const deployment = givenDeployment('app:1', { spec: envFrom })
    const of = (text: string) => [{ name: 'c', digest: contentDigest({ data: { text } }) }]
    const template = deployment.spec?.template ?? {}
    const releases = [givenRelease(1, { template, configMaps: of('old') })]
    const next = plan(givenObserved(deployment, { releases, contents: { c: 'new' } }))
    expect(next.create).toMatchObject({ number: 2, isConfigurationOnly: true, source: 'edit' })
    expect(next.create?.configMaps).toEqual(of('new'))
    expect(next.configurations).toMatchObject([{ data: { text: 'new' } }])
    const same = givenObserved(deployment, { releases, contents: { c: 'old' } })
    expect(plan(same).create).toBeUndefined()
  })

  test('a new template waits for the configuration that may come with it', () => {
    const deployment = givenDeployment('app:1', { spec: envFrom })
    const creationTimestamp = '2026-01-01T23:59:58Z'
    const newReplicaSet: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'app-x', creationTimestamp },
    }
    const running = keptReplicaSet(newReplicaSet)
    const observed = { ...givenObserved(deployment, { contents: { c: 'x' } }), running }
    const patient = nextRecord(observed, { ...input, patienceMs: 3000 })
    expect(patient).toMatchObject({ create: undefined, lookAgainMs: 1000 })
    expect(nextRecord(observed, { ...input, patienceMs: 2000 }).create?.number).toBe(1)
    expect(plan(observed).create?.number).toBe(1)
  })

  test('what comes of a missing ConfigMap is no mere change of configuration', () => {
    const deployment = givenDeployment('app:1', { spec: envFrom })
    const template = deployment.spec?.template ?? {}
    const releases = [givenRelease(1, { template, configMaps: [{ name: 'c' }] })]
    const next = plan(givenObserved(deployment, { releases, contents: { c: 'x' } }))
    expect(next.create).toMatchObject({ number: 2, isConfigurationOnly: false })
  })

  test('a number is never given twice, though records were pruned', () => {
    const releases = [givenRelease(7)]
    expect(plan(givenObserved(givenDeployment('app:8'), { releases })).create?.number).toBe(8)
  })
})

describe('by what it came about', () => {
  const one = givenRelease(1, { operation: 'a', provenance: { commit: 'one' } })
  const two = givenRelease(2, { operation: 'b' })
  const origin = (image: string, annotations: Record<string, string>, releases = [one, two]) =>
    plan(givenObserved(givenDeployment(image, { annotations }), { releases })).create

  test('an apply and a rollback sign what they write', () => {
    expect(
      plan(givenObserved(annotated('app:3', signed('c')), { releases: [one] })).create,
    ).toMatchObject({
      source: 'apply',
      operation: 'c',
      provenance: { commit: 'c'.repeat(40) },
    })
    const back = signed('c', { source: 'rollback', restores: 1 })
    const rolledBack = givenObserved(annotated('app:1', back), { releases: [one, two] })
    expect(plan(rolledBack).create).toMatchObject({ number: 3, source: 'rollback', restores: 1 })
  })

  test('a signature that comes back with an old template is an undo by raw kubectl', () => {
    const undone = givenObserved(annotated('app:1', signed('a')), { releases: [one, two] })
    expect(plan(undone).create).toMatchObject({
      source: 'undo',
      restores: 1,
      provenance: { commit: 'c'.repeat(40) },
    })
  })

  test('one that signed the same template again comes back as well', () => {
    const again = givenObserved(annotated('app:1', signed('z')), { releases: [one] })
    expect(plan(again).learned?.changes).toEqual({ 'astern.dev/operations': 'z' })
    const known = [{ ...one, operations: ['z'] }, two]
    const undone = givenObserved(annotated('app:1', signed('z')), { releases: known })
    expect(plan(undone).create).toMatchObject({ source: 'undo', restores: 1 })
  })

  test('a signature for another template says nothing: unknown, never the old commit', () => {
    const edited = annotated('app:9', signed('b'), 'app:2')
    const create = plan(givenObserved(edited, { releases: [one, two] })).create
    expect(create).toMatchObject({ source: 'edit' })
    expect(create?.provenance).toBeUndefined()
  })

  test('without signatures the template and last-applied tell', () => {
    const applied = (image: string) => ({
      [lastAppliedAnnotation]: JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'app' },
        spec: {
          template: {
            metadata: { labels: { app: 'app' } },
            spec: { containers: [{ name: 'app', image }] },
          },
        },
      }),
    })
    expect(origin('app:1', {})).toMatchObject({ source: 'undo', restores: 1 })
    expect(origin('app:1', applied('app:2'))).toMatchObject({ source: 'undo', restores: 1 })
    expect(origin('app:1', applied('app:1'))).toMatchObject({ source: 'apply' })
    expect(origin('app:3', applied('app:3'))).toMatchObject({ source: 'apply' })
    expect(origin('app:3', applied('app:2'))).toMatchObject({ source: 'edit' })
    expect(origin('app:3', {})).toMatchObject({ source: 'edit' })
  })
})

describe('what is learned of the release that runs', () => {
  const releases = [givenRelease(1)]
  const learned = (observed: ObservedWorkload) => plan(observed).learned?.changes
  const waiting = (reason: string, message: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', creationTimestamp: '2026-01-03T00:00:00Z' },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'app',
          image: 'app:1',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason, message } },
        },
      ],
    },
  })

  test('healthy since all of it is available', () => {
    const deployment = givenDeployment('app:1', { status: rolledOut })
    expect(learned(givenObserved(deployment, { releases }))).toEqual({
      'astern.dev/health': 'healthy',
      'astern.dev/health-at': '2026-01-02T00:00:00Z',
      'astern.dev/health-why': null,
    })
  })

  test('no pods prove nothing, nor do pods that are older than the configuration', () => {
    const empty = givenDeployment('app:1', {
      status: { observedGeneration: 1 },
      more: { replicas: 0 },
    })
    expect(learned(givenObserved(empty, { releases }))).toBeUndefined()
    const deployment = givenDeployment('app:1', { status: rolledOut })
    const pods = [waiting('', '')]
    const later = [givenRelease(1, { isConfigurationOnly: true, at: '2026-01-04T00:00:00Z' })]
    expect(learned(givenObserved(deployment, { releases: later, pods }))).toBeUndefined()
    const since = [givenRelease(1, { isConfigurationOnly: true, at: '2026-01-02T00:00:00Z' })]
    expect(learned(givenObserved(deployment, { releases: since, pods }))).toMatchObject({
      'astern.dev/health': 'healthy',
    })
  })

  test("failed in the pod's own words, at once; healthy stays healthy", () => {
    const status = { ...rolledOut, updatedReplicas: 1 }
    const deployment = givenDeployment('app:1', { status })
    const pods = [waiting('ErrImagePull', 'app:1 not found')]
    expect(learned(givenObserved(deployment, { releases, pods }))).toMatchObject({
      'astern.dev/health': 'failed',
      'astern.dev/health-why': 'app: ErrImagePull: app:1 not found',
    })
    const healthy = [givenRelease(1, { health: 'healthy' })]
    expect(learned(givenObserved(deployment, { releases: healthy, pods }))).toBeUndefined()
  })

  test('a deadline that an earlier rollout missed is not held against it', () => {
    const of = (name: string) => ({
      observedGeneration: 1,
      updatedReplicas: 1,
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: `ReplicaSet "${name}" has timed out progressing.`,
        },
      ],
    })
    const running = keptReplicaSet({ metadata: { name: 'app-new' } } as ReplicaSet)
    const observed = (name: string) =>
      givenObserved(givenDeployment('app:1', { status: of(name) }), { releases, running })
    expect(learned(observed('app-old'))).toBeUndefined()
    expect(learned(observed('app-new'))).toMatchObject({ 'astern.dev/health': 'failed' })
  })
})
