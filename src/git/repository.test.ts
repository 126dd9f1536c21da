import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commitFacts, pathLog, resolveCommit, timeOf } from './commit-facts.ts'
import { gitSaid, isGitError, withoutCredentials } from './git-error.ts'
import { GivenRepository } from './given-repository.fixture.ts'
import {
  currentBranch,
  deployBranch,
  findRepository,
  headCommit,
  isClean,
  openRepository,
  pathInRepository,
  remoteUrl,
} from './repository.ts'
import { cleanEnvironment } from './run-git.ts'
import { contentAt, contentsOf, filesAt } from './tree.ts'

let given: GivenRepository
beforeEach(async () => {
  given = await GivenRepository.create()
})
afterEach(() => given.remove())

const failure = (name: string) => (error: unknown) => isGitError(error, name as 'failed')

describe('where a path lies', () => {
  test('a file, a folder, and something that is not there yet', async () => {
    await given.commit({ 'apps/web/deployment.yaml': 'a' })
    for (const path of ['apps/web/deployment.yaml', 'apps', 'apps/none/x.yaml']) {
      expect(await findRepository(given.path(path))).toEqual(given.repository)
      expect(await pathInRepository(given.repository, given.path(path))).toBe(path)
    }
    expect(await pathInRepository(given.repository, given.repository.root)).toBe('')
  })

  test('outside of any repository, and through a link to another place', async () => {
    expect(await findRepository(given.folder)).toBeUndefined()
    await expect(openRepository(given.folder)).rejects.toSatisfy(failure('no-repository'))
    await symlink(given.folder, given.path('out'))
    const outside = pathInRepository(given.repository, join(given.path('out'), 'x'))
    await expect(outside).rejects.toSatisfy(failure('outside'))
  })

  test('the branch, the deploy branch and the remote', async () => {
    expect(await headCommit(given.repository)).toBeUndefined()
    const head = await given.commit({ a: '1' })
    expect(await headCommit(given.repository)).toBe(head)
    expect(await currentBranch(given.repository)).toBe('main')
    await given.push()
    await given.git('checkout', '--quiet', '-b', 'topic')
    expect(await deployBranch(given.repository)).toEqual({ remote: 'origin', branch: 'topic' })
    await given.git('branch', '--set-upstream-to=origin/main')
    expect(await deployBranch(given.repository)).toEqual({ remote: 'origin', branch: 'main' })
    await given.git('remote', 'set-url', 'origin', 'https://ada:secret@example.com/r.git')
    expect(await remoteUrl(given.repository, 'origin')).toBe('https://example.com/r.git')
    await given.git('checkout', '--quiet', '--detach')
    expect(await currentBranch(given.repository)).toBeUndefined()
  })

  test('clean or dirty is said of paths', async () => {
    await given.commit({ 'a/x': '1', 'b/x': '1' })
    await given.write({ 'b/new': '1' })
    expect(await isClean(given.repository, ['a'])).toBe(true)
    expect(await isClean(given.repository, ['b'])).toBe(false)
    expect(await isClean(given.repository)).toBe(false)
  })
})

describe('what a commit says', () => {
  test('facts and trailers', async () => {
    const commit = await given.commit({ a: '1' }, 'Web: two\n\nRolled-back-to: abc\nOther: x: y')
    expect(await commitFacts(given.repository, commit)).toEqual({
      commit,
      author: 'Ada <ada@example.com>',
      subject: 'Web: two',
      committedAt: '2026-01-01T00:00:00Z',
      trailers: [
        { key: 'Rolled-back-to', value: 'abc' },
        { key: 'Other', value: 'x: y' },
      ],
    })
  })

  test('COMMIT, TAG and TIME', async () => {
    const [first, second] = [await given.commit({ a: '1' }), await given.commit({ a: '2' })]
    await given.git('tag', '-a', 'v1', '-m', 'one', first)
    const at = (target: string) => resolveCommit(given.repository, target)
    expect(await at('v1')).toBe(first)
    expect(await at(second.slice(0, 8))).toBe(second)
    expect(await at('2026-01-01T00:59:59Z')).toBe(first)
    expect(await at('2026-01-02')).toBe(second)
    for (const none of ['2025-12-31', 'v2', '', '--all', '-n1', 'HEAD:a']) {
      await expect(at(none)).rejects.toSatisfy(failure('no-commit'))
    }
    expect(timeOf('2026-13-45')).toBeUndefined()
    expect(timeOf('20260101')).toBeUndefined()
  })

  test('the log of a path, newest first, and of a shallow clone, which says so', async () => {
    const first = await given.commit({ 'a/x': '1' })
    await given.commit({ 'b/x': '1' })
    const third = await given.commit({ 'a/x': '2' })
    await given.push()
    const log = await pathLog(given.repository, 'HEAD', { paths: ['a'] })
    expect(log.commits.map(({ commit }) => commit)).toEqual([third, first])
    expect(log.isShallow).toBe(false)
    const shallow = await given.clone('--depth=1')
    const short = await pathLog(shallow, 'HEAD', { paths: ['a'] })
    expect(short).toMatchObject({ isShallow: true, commits: [{ commit: third }] })
    await expect(resolveCommit(shallow, first)).rejects.toThrow('shallow clone')
  })

  test('files with hostile names, byte for byte', async () => {
    const names = ['-rf', 'a b/"q".yaml', ':(glob)*', 'ü/ß.yaml', 'line\nend']
    const files = Object.fromEntries(names.map((name, i) => [name, `${i}\r\n`]))
    const commit = await given.commit(files)
    const found = await filesAt(given.repository, commit, [''])
    expect(found.map(({ path }) => path).sort()).toEqual([...names].sort())
    for (const [i, name] of names.entries()) {
      expect((await contentAt(given.repository, commit, name)).toString()).toBe(`${i}\r\n`)
      expect(await isClean(given.repository, [name])).toBe(true)
    }
    expect(await filesAt(given.repository, commit, ['*'])).toEqual([])
    // By an id once and for all; by a name that moves, as it is now.
    await given.commit({ later: '' })
    expect(await filesAt(given.repository, commit, [''])).toEqual(found)
    const now = await filesAt(given.repository, 'HEAD', ['later'])
    expect(now.map(({ path }) => path)).toEqual(['later'])
    const contents = await contentsOf(given.repository, [...found, ...now, ...found.slice(0, 1)])
    expect(contents.at(-2)?.toString()).toBe('')
    expect(contents.at(-1)).toEqual(contents[0])
    const missing = contentsOf(given.repository, [{ blob: 'f'.repeat(40) }])
    await expect(missing).rejects.toThrow(/f{40} missing/)
    await expect(contentAt(given.repository, commit, 'none')).rejects.toThrow('none is not in')
  })
})

test('which repository, index or tree is meant never comes from the environment', () => {
  const env = { GIT_DIR: '/x', GIT_INDEX_FILE: '/y', GIT_SSH_COMMAND: 'ssh -i k', HOME: '/h' }
  const clean = cleanEnvironment(env)
  expect(clean).toMatchObject({ GIT_SSH_COMMAND: 'ssh -i k', HOME: '/h', GIT_TERMINAL_PROMPT: '0' })
  expect(clean).not.toHaveProperty('GIT_DIR')
  expect(clean).not.toHaveProperty('GIT_INDEX_FILE')
})

test('what git said of a remote that cannot be reached, in one line', () => {
  const advice =
    'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n'
  expect(gitSaid(`fatal: '/gone' does not appear to be a git repository\n${advice}`)).toBe(
    "'/gone' does not appear to be a git repository",
  )
  expect(gitSaid(`ssh: connect to host h port 22: Connection refused\n${advice}`)).toBe(
    'ssh: connect to host h port 22: Connection refused',
  )
  expect(gitSaid('')).toBe('it gave no reason')
})

test('no credentials in texts', () => {
  const said = "fatal: unable to access 'https://u:p@ss/w@h.example/r.git/': ssh://git@h:22/r"
  expect(withoutCredentials(said)).not.toContain('u:p')
})
