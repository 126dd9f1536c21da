import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { kubectlBinary } from '../kubectl-binary.ts'
import { GivenEngine } from '../seed/given-engine.ts'
import { eventually, GivenStory } from './given-story.ts'
import { type Price, priceOf, priceTable } from './price.ts'

/** Says what it read from its ConfigMap, and stays. */
const program = (version: number) =>
  `console.log('v${version} reads ' + process.env.TEXT); setInterval(() => {}, 1e9)`

let engine: GivenEngine
let story: GivenStory
let home: string
beforeAll(async () => {
  engine = await GivenEngine.start('process')
  home = await engine.record()
  for (const version of [1, 2]) await engine.addImage(`app:${version}`, program(version))
})
afterAll(() => engine.stop())
beforeEach(async () => {
  story = await GivenStory.on(engine)
})
afterEach(() => story.end())

/** What the pods that are there say, each once. */
async function said(): Promise<readonly string[]> {
  const logs = await story.namespace.run('logs -l app=app --tail=-1')
  return [...new Set(logs.trim().split('\n'))]
}

const rollback = (...more: readonly string[]) =>
  story.astern(['rollback', 'deployment/app', '--push', ...more], { env: { ASTERN_HOME: home } })

test('given a program that says what it reads, it reads the old text after a rollback; and a warned undo', async () => {
  await story.deploy('app:1', 'one')
  await story.deploy('app:2', 'two')
  await eventually(async () => expect(await said()).toEqual(['v2 reads two']))
  const { code, stderr } = await rollback()
  expect({ code, stderr }).toMatchObject({ code: 0 })
  await eventually(async () => expect(await said()).toEqual(['v1 reads one']))
  const { stderr: warned } = await story.namespace.kubectl(['rollout', 'undo', 'deployment/app'])
  const head = await story.repository.git('rev-parse', '--short=12', 'HEAD')
  expect(warned).toContain(`leaves commit ${head} (Roll back app to r1) behind`)
  await story.healthy()
  expect((await story.rows()).at(-1)).toMatchObject({ source: 'undo' })
})

test('an image that is gone, or that a tag left: refused, nothing is touched (4)', async () => {
  await story.deploy('app:1')
  await story.deploy('app:2')
  const { metadata } = await story.namespace.get('deployment/app')
  const refused = async (words: RegExp) => {
    const { code, stderr } = await rollback()
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringMatching(words) })
    const { generation } = (await story.namespace.get('deployment/app')).metadata
    expect(generation).toBe(metadata.generation)
  }
  await engine.removeImage('app:1')
  await refused(/the image app:1 is gone/)
  await engine.addImage('app:1', program(9))
  await refused(/app:1 does not mean what it meant in r1: it was sha256:\w+ and is sha256:/)
  await engine.addImage('app:1', program(1))
  expect((await rollback()).code).toBe(0)
})

const command = fileURLToPath(new URL('../../bin/astern', import.meta.url))

test('the price of a way back, until the old version serves and Git agrees: printed', async () => {
  const serves = async () => expect(await said()).toEqual(['v1 reads one'])
  const agrees = async () => {
    expect(await story.pushed('app/deployment.yaml')).toContain('image: app:1 ')
    expect((await story.astern('drift deployment/app')).code).toBe(0)
  }
  const both = async () => {
    await eventually(serves)
    await agrees()
  }
  const root = () => story.repository.repository.root
  const env = () => ({ ...process.env, ASTERN_HOME: home, ...story.environment })
  const kubectl = kubectlBinary('36')
  const ways: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ['astern rollback', [[command, 'rollback', 'deployment/app', '--push']]],
    [
      'git revert, push, apply',
      [
        ['git', 'revert', '--no-edit', 'HEAD'],
        ['git', 'push', '--quiet'],
        [kubectl, 'apply', '-f', 'app'],
        [kubectl, 'rollout', 'status', 'deployment/app', '--timeout=60s'],
      ],
    ],
  ]
  const prices: Price[] = []
  for (const [name, commands] of ways) {
    await story.deploy('app:1', 'one')
    await story.deploy('app:2', 'two')
    await eventually(async () => expect(await said()).toEqual(['v2 reads two']))
    prices.push(await priceOf({ name, commands, cwd: root(), env: env(), until: both }))
  }
  process.stdout.write(priceTable(prices))
  expect(prices.map(({ commands }) => commands)).toEqual([1, 4])
  for (const { seconds } of prices) expect(seconds).toBeGreaterThan(0)
})
