import { describe, expect, test } from 'vitest'
import { restartedAtAnnotation } from '../api/names.ts'
import { givenTemplate } from './given-release.fixture.ts'
import { changeCause, provenanceAnnotations, writingOf } from './provenance.ts'
import { templateFingerprint } from './template.ts'

const provenance = {
  repository: 'https://example.com/r.git',
  commit: '0123456789abcdef0123456789abcdef01234567',
  path: 'app',
  tree: 'clean',
  author: 'Ada <ada@example.com>',
  subject: 'Ship two',
  appliedBy: 'ada',
  reason: 'because',
} as const
const writing = { provenance, source: 'rollback', operation: 'op', restores: 3 } as const

describe('what is said of a template', () => {
  test('comes back as it was said', () => {
    const annotations = provenanceAnnotations(writing, givenTemplate())
    expect(writingOf(annotations, givenTemplate())).toEqual(writing)
    expect(annotations['kubernetes.io/change-cause']).toBe(
      'rollback Ship two (0123456789ab): because, by ada',
    )
  })

  test('is not said of another one', () => {
    const annotations = provenanceAnnotations(writing, givenTemplate())
    expect(writingOf(annotations, givenTemplate('app:2'))).toBeUndefined()
    expect(writingOf({}, givenTemplate())).toBeUndefined()
  })

  test('is said of it restarted, and as its ReplicaSet has it', () => {
    const template = givenTemplate()
    const metadata = {
      labels: { ...template.metadata?.labels, 'pod-template-hash': 'x' },
      annotations: { [restartedAtAnnotation]: 'now' },
    }
    expect(templateFingerprint({ ...template, metadata })).toBe(templateFingerprint(template))
  })

  test('a dirty tree shows in the cause', () => {
    expect(changeCause({ ...provenance, tree: 'dirty' }, 'apply')).toContain('dirty')
  })
})
