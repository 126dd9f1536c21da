import { describe, expect, test } from 'vitest'
import type { ManagedFieldsEntry } from '../../api/generated/types.ts'
import { givenObserved, givenRelease } from '../given-release.fixture.ts'
import { provenanceAnnotations } from '../provenance.ts'
import { givenRevision, givenStatefulSet } from '../workload/given-set.fixture.ts'
import { keptControllerRevision } from '../workload/set-revisions.ts'
import { nextRecord } from './next-record.ts'
import { originOf, templateWriter } from './origin.ts'

const templateOf = (image: string) => givenStatefulSet(image).spec?.template ?? {}

function signed(image: string, commit: string) {
  const said = { provenance: { commit }, source: 'apply', operation: commit } as const
  return provenanceAnnotations(said, templateOf(image))
}

const one = givenRelease(1, {
  template: templateOf('app:1'),
  operation: 'a',
  provenance: { commit: 'a' },
})
const two = givenRelease(2, {
  template: templateOf('app:2'),
  operation: 'b',
  provenance: { commit: 'b' },
})

function wroteAt(manager: string, time: string): ManagedFieldsEntry {
  return { manager, operation: 'Update', time, fieldsV1: { 'f:spec': { 'f:template': {} } } }
}

function observed(image: string, signedImage: string, managedFields: ManagedFieldsEntry[] = []) {
  const commit = signedImage === 'app:1' ? 'a' : 'b'
  const set = givenStatefulSet(image, { annotations: signed(signedImage, commit) })
  return { ...set, metadata: { ...set.metadata, managedFields } }
}

const earlier = '2026-01-01T00:00:00Z'
const later = '2026-01-01T00:00:09Z'

describe('G-42: an undo of a set brings the template back, and no annotation', () => {
  test('what was said of it is what its revision says since it was made (D-03)', () => {
    const revision = givenRevision('app:1', { number: 3n, annotations: signed('app:1', 'kept') })
    const running = keptControllerRevision(revision, [])
    const set = observed('app:1', 'app:2')
    const origin = originOf(givenObserved(set, { releases: [one, two], running }))
    expect(origin).toMatchObject({ source: 'undo', restores: 1, provenance: { commit: 'kept' } })
  })

  test('else what the release said that had it', () => {
    const origin = originOf(givenObserved(observed('app:1', 'app:2'), { releases: [one, two] }))
    expect(origin).toMatchObject({ source: 'undo', restores: 1, provenance: { commit: 'a' } })
  })

  test('before there are records, a revision that is older than one before it tells', () => {
    const young = givenRevision('app:2', { number: 2n, at: later })
    const running = keptControllerRevision(givenRevision('app:1', { number: 3n }), [young])
    const last = givenRelease(1, { template: templateOf('app:2') })
    const set = observed('app:1', 'app:2')
    const origin = originOf(givenObserved(set, { releases: [last], running }))
    expect(origin).toMatchObject({ source: 'undo', restores: undefined })
  })

  const undone = givenRelease(3, { template: templateOf('app:1'), source: 'undo', restores: 1 })
  test.each([
    ['kubectl-client-side-apply', later, 'apply', undefined],
    ['kubectl-rollout', later, 'undo', 2],
    // Had it come after the undo, the fields would be the applier's.
    ['kubectl-client-side-apply', earlier, 'undo', 2],
  ])('a signature never leaves the set: %s at %s tells: %s', (manager, time, source, restores) => {
    const writers = [wroteAt(manager, time), wroteAt('kubectl-rollout', earlier)]
    const set = observed('app:2', 'app:2', writers)
    const origin = originOf(givenObserved(set, { releases: [one, two, undone] }))
    expect(origin).toMatchObject({ source, restores, provenance: { commit: 'b' } })
  })
})

test('H-15: in the same second, an undo came after the apply', () => {
  const apply = wroteAt('kubectl-client-side-apply', earlier)
  const undo = wroteAt('kubectl-rollout', earlier)
  expect(templateWriter([apply, undo])).toMatchObject({ kind: 'rollout' })
  expect(templateWriter([undo, apply])).toMatchObject({ kind: 'rollout' })
  expect(templateWriter([undo, wroteAt('kubectl-client-side-apply', later)])?.kind).toBe('apply')
  expect(templateWriter([])).toBeUndefined()
})

describe('the verdict on a set', () => {
  const last = { ...one, health: 'unknown' as const }
  const nowMs = Date.parse('2026-01-01T00:05:00Z')
  const plan = (status: object, pods: object[], at = nowMs) => {
    const running = keptControllerRevision(givenRevision('app:1'), [])
    const set = { ...givenStatefulSet('app:1', { status }), metadata: { name: 'web' } } as never
    const seen = givenObserved(set, { releases: [last], running, pods: pods as never })
    return nextRecord(seen, { nowMs: at, secrets: [], limit: 50 })
  }
  const whole = { updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }

  test('healthy once all of it is available; its revision is noted', () => {
    expect(plan(whole, []).learned?.changes).toMatchObject({
      'astern.dev/health': 'healthy',
      'astern.dev/ran-as-revision': '1',
    })
  })

  test('failed in the words of its pods', () => {
    const waiting = { reason: 'ErrImagePull', message: 'no such image' }
    const status = { containerStatuses: [{ name: 'app', imageID: '', state: { waiting } }] }
    const { learned } = plan({ ...whole, readyReplicas: 2, availableReplicas: 2 }, [
      { metadata: {}, status },
    ])
    expect(learned?.changes).toMatchObject({
      'astern.dev/health': 'failed',
      'astern.dev/health-why': 'app: ErrImagePull: no such image',
    })
  })

  test('it is looked at again when its pods will have had their time', () => {
    const pod = {
      metadata: { name: 'web-2', creationTimestamp: earlier },
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: 'no node' }] },
    }
    const rolling = { ...whole, readyReplicas: 2, availableReplicas: 2 }
    expect(plan(rolling, [pod])).toMatchObject({ lookAgainMs: 300_000 })
    const { learned, lookAgainMs } = plan(rolling, [pod], Date.parse(earlier) + 600_000)
    expect(lookAgainMs).toBeUndefined()
    expect(learned?.changes).toMatchObject({
      'astern.dev/health-why': 'web-2 is not ready after 600 s: no node',
    })
  })
})
