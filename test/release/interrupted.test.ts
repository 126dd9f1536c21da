import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RefusedByGuard } from '../../src/release/release-error.ts'
import { hasOpenJournal, type StepName, TakenOver } from '../../src/release/rollback/journal.ts'
import { GivenApp } from './given-app.ts'

let app: GivenApp
beforeEach(async () => {
  app = await GivenApp.start({ badImages: ['app:bad'] })
  await app.keepRecords()
})
afterEach(() => app.stop())

/** Both are old, or both are new, or it is said that they are not. */
async function nothingIsHidden(): Promise<void> {
  const [image, text] = [await app.image(), await app.text()]
  const git = `${await app.pushed('app/app.yaml')}${await app.pushed('app/settings.yaml')}`
  const isSame = git.includes(`image: ${image} `) && git.includes(`TEXT: ${text} `)
  const { cause, exitCode } = await app.drift()
  if (isSame) return expect(cause.kind).toBe('none')
  expect(['interrupted', 'git-owed']).toContain(cause.kind)
  expect(exitCode).toBe(cause.kind === 'git-owed' ? 5 : 6)
}

describe('killed at any step', () => {
  const steps: readonly StepName[] = ['commit', 'configuration', 'template', 'record', 'verdict']
  const cases = steps.flatMap((step) => [[step, false] as const, [step, true] as const])

  test.each(cases)('after %s (noted: %s) the next run finishes', async (at, noted) => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const onStep = (step: StepName, isNoted: boolean) => {
      if (step === at && isNoted === noted) throw new Error('killed')
    }
    await expect(app.rollback({}, { onStep })).rejects.toThrow('killed')
    expect(await hasOpenJournal(app.cluster.transport, await app.cluster.deployment())).toBe(true)
    await nothingIsHidden()
    await expect(app.rollback()).rejects.toThrow('under way or was interrupted')
    await app.cluster.pass(31_000)
    expect(await app.resume()).toMatchObject({ outcome: 'healthy' })
    expect(await app.image()).toBe('app:1')
    expect(await app.text()).toBe('app1')
    expect(await app.pushed('app/app.yaml')).toContain('app:1')
    expect(await app.repository.git('rev-list', '--count', 'origin/main')).toBe('3')
    expect(await app.apply()).toEqual([])
    expect(await hasOpenJournal(app.cluster.transport, await app.cluster.deployment())).toBe(false)
    expect((await app.story()).at(-1)).toBe('r3 rollback healthy app:1')
  })

  test('before anything has moved: the next run unwinds', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const head = await app.repository.remoteHead()
    const { object, journal } = await app.begin()
    expect(journal.steps[0]).toBe('commit')
    await app.cluster.pass(31_000)
    await nothingIsHidden()
    expect(await app.resume()).toMatchObject({ outcome: 'unwound' })
    expect(await hasOpenJournal(app.cluster.transport, object)).toBe(false)
    expect([await app.image(), await app.text()]).toEqual(['app:2', 'app2'])
    expect(await app.repository.remoteHead()).toBe(head)
    expect(await app.rollback()).toMatchObject({ outcome: 'healthy' })
  })

  test.each([false, true])(
    'with the cluster first, Git is shown as owed (noted: %s)',
    async (noted) => {
      await app.deploy('app:1')
      await app.deploy('app:2')
      const onStep = (step: StepName, isNoted: boolean) => {
        if (step === 'template' && isNoted === noted) throw new Error('killed')
      }
      await expect(app.rollback({ clusterFirst: true }, { onStep })).rejects.toThrow('killed')
      await nothingIsHidden()
      expect(await app.drift()).toMatchObject({ cause: { kind: 'git-owed' }, exitCode: 5 })
      await app.cluster.pass(31_000)
      const { owed } = (await app.resume()) ?? {}
      expect(owed).toMatchObject({ paths: ['app/app.yaml', 'app/settings.yaml'] })
      expect(await app.drift()).toMatchObject({ cause: { kind: 'git-owed' }, exitCode: 5 })
    },
  )
})

describe('who is at work', () => {
  test('a push that takes longer than a run may be silent is not taken for dead', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const [began, go] = [app.repository.path('.git/began'), app.repository.path('.git/go')]
    const wait = `touch ${began}; i=0; while [ ! -e ${go} ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done`
    const hook = app.repository.path('.git/hooks/pre-push')
    await writeFile(hook, `#!/bin/sh\n${wait}\n`, { mode: 0o755 })
    const running = app.rollback()
    await app.drive(app.untilThere(began))
    await app.cluster.pass(60_000)
    await expect(app.resume()).rejects.toThrow(RefusedByGuard)
    await writeFile(go, '')
    expect(await running).toMatchObject({ outcome: 'healthy' })
    expect(await app.pushed('app/app.yaml')).toContain('app:1')
  })

  test('of two who finish what was left, one does', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    const onStep = (step: StepName) => {
      if (step === 'commit') throw new Error('killed')
    }
    await expect(app.rollback({}, { onStep })).rejects.toThrow('killed')
    await app.cluster.pass(31_000)
    const both = await Promise.allSettled([app.resume(), app.resume()])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: expect.any(RefusedByGuard),
    })
    expect(await app.repository.git('rev-list', '--count', 'origin/main')).toBe('3')
    expect(await app.image()).toBe('app:1')
  })

  test('one that wakes after it was taken over does not go on', async () => {
    await app.deploy('app:1')
    await app.deploy('app:2')
    let wake = () => {}
    let isAsleep = false
    const onStep = (step: StepName, isNoted: boolean) => {
      if (step !== 'commit' || !isNoted) return undefined
      isAsleep = true
      return new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const running = app.rollback({}, { onStep })
    running.catch(() => {})
    while (!isAsleep) await new Promise((resolve) => setTimeout(resolve, 5))
    await app.cluster.pass(31_000)
    expect(await app.resume()).toMatchObject({ outcome: 'healthy' })
    wake()
    await expect(running).rejects.toThrow(TakenOver)
    expect([await app.image(), await app.text()]).toEqual(['app:1', 'app1'])
    expect((await app.story()).length).toBe(3)
  })
})
