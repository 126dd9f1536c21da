import { describe, expect, test } from 'vitest'
import type { ControllerRevision, StatefulSet } from '../api/generated/types.ts'
import { stringifyJson } from '../api/json.ts'
import {
  hasDataOf,
  nextNumber,
  numbered,
  templateOfRevision,
  templatePatch,
} from './controller-revision.ts'
import { desiredRevision, planUpdateRevision } from './stateful-set-revisions.ts'

function statefulSet(image = 'app:1', name = 'web'): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'default', uid: 'u', annotations: { note: 'x' } },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { tier: 'db', app: 'web' } },
        spec: { containers: [{ name: 'app', image }] },
      },
    },
  }
}

/** As stored: with the number, under a name of its own. */
function stored(image: string, number: bigint, uid = image): ControllerRevision {
  const revision = numbered(desiredRevision(statefulSet(image), 1n, 0), number)
  return { ...revision, metadata: { ...revision.metadata, uid } }
}

describe('D-01, D-02: a revision', () => {
  const revision = desiredRevision(statefulSet(), 1n, 0)

  test('keeps the template as a patch whose members are sorted as Go sorts them', () => {
    expect(stringifyJson(revision.data)).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web","tier":"db"}},' +
        '"spec":{"containers":[{"image":"app:1","name":"app"}]}}}}',
    )
    expect(templateOfRevision(revision)).toEqual(statefulSet().spec?.template)
  })

  test('name, labels, annotations and owner', () => {
    const hash = revision.metadata.labels?.['controller.kubernetes.io/hash']
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
    expect(revision).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      revision: 1,
      metadata: {
        name: `web-${hash}`,
        namespace: 'default',
        labels: { app: 'web', tier: 'db' },
        annotations: { note: 'x' },
        ownerReferences: [{ kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }],
      },
    })
  })

  test('the prefix of the name is cut at 223', () => {
    const { name = '' } = desiredRevision(statefulSet('a', 'n'.repeat(250)), 1n, 0).metadata
    expect(name.lastIndexOf('-')).toBe(223)
  })

  test('D-05: another collision count gives another name', () => {
    const names = [0, 1, 2].map((count) => desiredRevision(statefulSet(), 1n, count).metadata.name)
    expect(new Set(names).size).toBe(3)
  })

  test('what has no value is no member', () => {
    expect(templatePatch({ metadata: { labels: undefined } })).toEqual({
      spec: { template: { $patch: 'replace', metadata: {} } },
    })
  })
})

describe('D-04: the revision of an update', () => {
  const [one, two] = [stored('app:1', 1n), stored('app:2', 2n)]

  test('of a new template is created, one above the highest', () => {
    const plan = planUpdateRevision(statefulSet('app:3'), [two, one])
    expect(plan).toEqual({ type: 'create', number: 3n })
    expect(planUpdateRevision(statefulSet(), [])).toEqual({ type: 'create', number: 1n })
  })

  test('that is the latest already stays as it is', () => {
    const plan = planUpdateRevision(statefulSet('app:2'), [two, one])
    expect(plan).toEqual({ type: 'keep', revision: two })
  })

  test('that is an older one is raised', () => {
    const plan = planUpdateRevision(statefulSet('app:1'), [two, one])
    expect(plan).toEqual({ type: 'raise', revision: { ...one, revision: 3 } })
  })

  test('is found by its data, whatever the order of members', () => {
    const shuffled = { ...one, data: { spec: { template: reversed(templateOfRevision(one)) } } }
    expect(hasDataOf(shuffled, one)).toBe(true)
    expect(hasDataOf(shuffled, two)).toBe(false)
  })

  test('numbers are int64 (I-01)', () => {
    const large = stored('app:1', 3546343826724305832n)
    expect(nextNumber([large, two])).toBe(3546343826724305833n)
    expect(numbered(large, 5n).revision).toBe(5)
  })
})

function reversed(object: object) {
  return { $patch: 'replace', ...Object.fromEntries(Object.entries(object).reverse()) }
}
