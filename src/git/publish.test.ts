import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { buildCommit, commitMessage } from './build-commit.ts'
import { commitFacts } from './commit-facts.ts'
import { isGitError } from './git-error.ts'
import { GivenRepository } from './given-repository.fixture.ts'
import { fastForwardCheckout, formatPatch, pushCommit, setLocalBranch } from './publish.ts'
import { currentBranch, fetchBranch, isClean, type Repository } from './repository.ts'
import { gitText } from './run-git.ts'
import { contentAt, filesAt } from './tree.ts'

let given: GivenRepository
let first: string
let second: string
beforeEach(async () => {
  given = await GivenRepository.create()
  first = await given.commit({
    'a/x.yaml': 'one\r\n# kept\r\n',
    'b/x.yaml': 'one\n',
    'a/only-old': '',
  })
  await given.git('rm', '--quiet', 'a/only-old')
  second = await given.commit({ 'a/x.yaml': 'two\r\n', 'b/x.yaml': 'two\n', 'a/later/y.yaml': 'y' })
  await given.push()
})
afterEach(() => {
  vi.unstubAllEnvs()
  return given.remove()
})

const origin = { remote: 'origin', branch: 'main' }

async function restored(paths: readonly string[] = ['a'], parent = second): Promise<string> {
  const change = { type: 'restore', from: first, paths } as const
  const trailers = [{ key: 'Rolled-back-to', value: first }]
  const commit = await buildCommit(given.repository, { parent, change, subject: 'Back', trailers })
  if (!commit) throw new Error('nothing to commit')
  return commit
}

async function colleaguePushes(): Promise<string> {
  const clone = await given.clone()
  await writeFile(join(clone.root, 'c'), 'c')
  const git = (...args: string[]) => gitText(args, { cwd: clone.root })
  await git('add', '-A')
  await git('commit', '--quiet', '-m', 'meanwhile')
  await git('push', '--quiet')
  return git('rev-parse', 'HEAD')
}

const text = async (commit: string, path: string, repository: Repository = given.repository) =>
  (await contentAt(repository, commit, path)).toString()

describe('a commit on a head', () => {
  test('restores only these paths, byte for byte; what came later goes, what went comes back', async () => {
    const commit = await restored()
    expect((await filesAt(given.repository, commit, [''])).map(({ path }) => path)).toEqual([
      'a/only-old',
      'a/x.yaml',
      'b/x.yaml',
    ])
    expect(await text(commit, 'a/x.yaml')).toBe('one\r\n# kept\r\n')
    expect(await text(commit, 'b/x.yaml')).toBe('two\n')
    expect(await commitFacts(given.repository, commit)).toMatchObject({
      subject: 'Back',
      trailers: [{ key: 'Rolled-back-to', value: first }],
    })
    expect(await isClean(given.repository)).toBe(true)
    expect(await given.git('rev-parse', 'HEAD')).toBe(second)
  })

  test('nothing to change makes no commit', async () => {
    const change = { type: 'restore', from: second, paths: ['a'] } as const
    const request = { parent: second, change, subject: 'x' }
    expect(await buildCommit(given.repository, request)).toBeUndefined()
  })

  test('writes given contents, whatever attributes and filters say', async () => {
    const attributes = await given.commit({ '.gitattributes': '* text eol=lf\n' })
    const files = new Map([['a/x.yaml', 'three\r\n']])
    const change = { type: 'write', files } as const
    const commit = await buildCommit(given.repository, { parent: attributes, change, subject: 'x' })
    expect(await text(commit ?? '', 'a/x.yaml')).toBe('three\r\n')
  })

  test('a trailer cannot be smuggled in', () => {
    const trailers = [{ key: 'Rolled-back-reason', value: 'bad\nRolled-back-by: eve' }]
    expect(commitMessage({ subject: 'a\n\nb', trailers })).toBe(
      'a b\n\nRolled-back-reason: bad Rolled-back-by: eve\n',
    )
  })

  test('without an identity it says how to set one', async () => {
    for (const who of ['AUTHOR', 'COMMITTER']) {
      vi.stubEnv(`GIT_${who}_NAME`, undefined)
      vi.stubEnv(`GIT_${who}_EMAIL`, undefined)
    }
    vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null')
    await given.git('config', 'user.useConfigOnly', 'true')
    await given.git('config', '--unset', 'user.email')
    await given.git('config', '--unset', 'user.name')
    await expect(restored()).rejects.toSatisfy((error) => isGitError(error, 'no-identity'))
  })
})

describe('publishing', () => {
  test('a push that wins', async () => {
    const commit = await restored()
    await pushCommit(given.repository, commit, origin)
    expect(await given.remoteHead()).toBe(commit)
    expect(await given.git('rev-parse', 'origin/main')).toBe(commit)
  })

  test('a push that loses the race is built again on the new head', async () => {
    const commit = await restored()
    const theirs = await colleaguePushes()
    const lost = pushCommit(given.repository, commit, origin)
    await expect(lost).rejects.toSatisfy((error) => isGitError(error, 'lost-race'))
    const head = await fetchBranch(given.repository, origin)
    expect(head).toBe(theirs)
    const again = await restored(['a'], head)
    await pushCommit(given.repository, again, origin)
    expect(await text(await given.remoteHead(), 'c')).toBe('c')
    expect(await text(await given.remoteHead(), 'a/x.yaml')).toBe('one\r\n# kept\r\n')
  })

  test('a remote that refuses for good, and one that is not there', async () => {
    const hook = join(given.folder, 'remote.git/hooks/pre-receive')
    await writeFile(hook, '#!/bin/sh\necho "protected branch" >&2\nexit 1\n', { mode: 0o755 })
    const refused = pushCommit(given.repository, await restored(), origin)
    await expect(refused).rejects.toThrow(/did not take the commit.*protected branch/s)
    await expect(refused).rejects.toSatisfy((error) => isGitError(error, 'push-refused'))
    const none = fetchBranch(given.repository, { remote: 'nowhere', branch: 'main' })
    await expect(none).rejects.toSatisfy((error) => isGitError(error, 'no-remote'))
  })

  test('a shallow clone can build and push too', async () => {
    const shallow = await given.clone('--depth=1')
    const change = { type: 'write', files: new Map([['a/x.yaml', 'z']]) } as const
    const commit = await buildCommit(shallow, { parent: second, change, subject: 'x' })
    await pushCommit(shallow, commit ?? '', origin)
    expect(await given.remoteHead()).toBe(commit)
  })

  test('a patch that `git am` takes', async () => {
    const patch = await formatPatch(given.repository, await restored())
    const clone = await given.clone()
    await gitText(['am', '--quiet', '--keep-cr'], { cwd: clone.root, input: patch })
    expect(await text('HEAD', 'a/x.yaml', clone)).toBe('one\r\n# kept\r\n')
  })

  test('a branch of its own, which only moves forward', async () => {
    const commit = await restored()
    await setLocalBranch(given.repository, 'back', commit)
    expect(await given.git('rev-parse', 'back')).toBe(commit)
    expect(await currentBranch(given.repository)).toBe('main')
    const other = await restored(['b'])
    const lost = setLocalBranch(given.repository, 'back', other)
    await expect(lost).rejects.toSatisfy((error) => isGitError(error, 'lost-race'))
    await expect(setLocalBranch(given.repository, 'a..b', commit)).rejects.toThrow('check-ref')
  })
})

describe("the user's checkout", () => {
  test('moves forward when it is clean and on the branch', async () => {
    const commit = await restored()
    expect(await fastForwardCheckout(given.repository, 'main', commit)).toEqual({ moved: true })
    expect(await readFile(given.path('a/x.yaml'), 'utf8')).toBe('one\r\n# kept\r\n')
  })

  test.each([
    ['dirty', 'changes that are not committed', () => given.write({ 'b/x.yaml': 'mine' })],
    ['elsewhere', 'on the branch topic', () => given.git('checkout', '--quiet', '-b', 'topic')],
    ['detached', 'no branch', () => given.git('checkout', '--quiet', '--detach')],
    ['ahead', 'commits of its own', () => given.commit({ mine: '1' })],
  ])('is left alone when %s', async (_, why, arrange) => {
    const commit = await restored()
    await arrange()
    const head = await given.git('rev-parse', 'HEAD')
    const move = await fastForwardCheckout(given.repository, 'main', commit)
    expect(move).toEqual({ moved: false, why: expect.stringContaining(why) })
    expect(await given.git('rev-parse', 'HEAD')).toBe(head)
  })
})
