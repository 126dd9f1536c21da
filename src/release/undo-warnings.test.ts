import { expect, test } from 'vitest'
import type { JsonObject } from '../api/json.ts'
import { applyPatch } from '../api/patch/apply-patch.ts'
import { deployments } from '../api/scheme.ts'
import type { Patch } from '../api/transport.ts'
import { givenDeployment, givenTemplate } from './given-release.fixture.ts'
import { provenanceAnnotations } from './provenance.ts'
import { undoWarnings } from './undo-warnings.ts'

const said = (image: string, commit: string, subject: string) =>
  provenanceAnnotations(
    { provenance: { commit, subject }, source: 'apply', operation: commit },
    givenTemplate(image),
  )

const before = givenDeployment('app:2', { annotations: said('app:2', 'b'.repeat(40), 'Ship two') })

function warnings(body: Patch['body'], type = 'application/json-patch+json') {
  const patch = { type, body } as Patch
  const after = applyPatch(deployments, before as unknown as JsonObject, patch as never)
  return undoWarnings({ patch: patch as never, before, after: after as never })
}

const undo = (annotations: JsonObject, image = 'app:1') => [
  { op: 'replace', path: '/spec/template', value: givenTemplate(image) as unknown as JsonObject },
  { op: 'replace', path: '/metadata/annotations', value: annotations },
]

test('a raw undo is told which commit it leaves behind, and to which it goes', () => {
  expect(warnings(undo(said('app:1', 'a'.repeat(40), 'Ship one')))).toEqual([
    'this undo goes back to commit aaaaaaaaaaaa (Ship one) and leaves commit bbbbbbbbbbbb (Ship two) behind: Git still has it, and the next deploy brings it back; `astern rollback deployment/app` moves both',
  ])
  expect(warnings(undo({}))).toEqual([
    expect.stringMatching(/^this undo leaves commit bbbbbbbbbbbb/),
  ])
})

test('everything else is no undo', () => {
  expect(warnings(undo({}, 'app:2'))).toEqual([])
  expect(warnings([...undo({}), { op: 'add', path: '/spec/paused', value: true }])).toEqual([])
  const merge = { spec: { template: { spec: { containers: [{ name: 'app', image: 'app:1' }] } } } }
  expect(warnings(merge, 'application/strategic-merge-patch+json')).toEqual([])
})
