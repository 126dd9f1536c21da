import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemContext } from '../base/context.ts'
import { GivenRepository } from '../git/given-repository.fixture.ts'
import { givenDeployment } from './given-release.fixture.ts'
import { writingOf } from './provenance.ts'
import { applySignature, provenanceOfApply } from './sign-apply.ts'

let given: GivenRepository
beforeEach(async () => {
  given = await GivenRepository.create()
})
afterEach(() => given.remove())

const signing = (path: string | undefined, requireClean = false) => ({
  path,
  by: 'ada',
  reason: 'because',
  requireClean,
})

test('an apply inside a work tree says where it comes from', async () => {
  const commit = await given.commit({ 'app/a.yaml': '1', 'other/b.yaml': '1' }, 'Ship it')
  await given.git('remote', 'set-url', 'origin', 'https://ada:token@example.com/r.git')
  await given.write({ 'other/b.yaml': '2' })
  const clean = await provenanceOfApply(signing(given.path('app'), true))
  expect(clean).toEqual({
    repository: 'https://example.com/r.git',
    commit,
    path: 'app',
    tree: 'clean',
    author: 'Ada <ada@example.com>',
    subject: 'Ship it',
    appliedBy: 'ada',
    reason: 'because',
  })
  const deployment = givenDeployment()
  const annotations = applySignature(systemContext(), deployment, clean)
  expect(writingOf(annotations, deployment.spec?.template ?? {})?.provenance).toEqual(clean)
})

test('a dirty tree is said, or refused; so is standard input', async () => {
  await given.commit({ 'app/a.yaml': '1' })
  await given.write({ 'app/a.yaml': '2' })
  expect(await provenanceOfApply(signing(given.path('app')))).toMatchObject({ tree: 'dirty' })
  await expect(provenanceOfApply(signing(given.path('app'), true))).rejects.toThrow(
    'not as a commit',
  )
  await expect(provenanceOfApply(signing(undefined, true))).rejects.toThrow('standard input')
  expect(await provenanceOfApply(signing(given.folder))).toEqual({
    appliedBy: 'ada',
    reason: 'because',
  })
})
