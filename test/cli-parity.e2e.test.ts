import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Output, type Parity, parity } from './cli-parity.fixture.ts'
import { controllerRevisionsOf, manifests, replicaSetsOf } from './cli-parity-manifests.ts'
import { rollouts, setRollouts, stories } from './cli-parity-stories.ts'

/** The words of a command line. */
function words(line: string): readonly string[] {
  const quoted = /(?<=^|\s)(["'])(.*?)\1(?=\s|$)|\S+/g
  return Array.from(line.matchAll(quoted), ([whole, , inner]) => inner ?? whole)
}

describe('the same words, streams, exit codes and objects as kubectl 1.36', () => {
  let sides: Parity

  beforeAll(async () => {
    sides = await parity()
    for (const [name, content] of Object.entries(manifests)) await sides.file(name, content)
  })
  afterAll(() => sides.close())

  it.each(Object.entries(stories))('%s', async (_, lines) => {
    await same(lines)
  })

  it('rollout (G-20..44, B-80..84)', async () => {
    await same(['apply -f only-app.yaml'])
    const uid = ['get', 'deploy', 'app', '-o', 'jsonpath={.metadata.uid}']
    for (const run of [sides.kubectl, sides.astern]) {
      const { stdout } = await run(uid)
      expect((await run(['create', '-f', '-'], replicaSetsOf(stdout))).stderr).toBe('')
    }
    await same(rollouts)
  })

  it('rollout of sets (G-20..25, G-37..44)', async () => {
    await same(['apply -f sets.yaml', 'rollout history sts/one', 'rollout undo ds/two'])
    for (const run of [sides.kubectl, sides.astern]) {
      for (const set of ['sts/one', 'ds/two']) {
        const { stdout } = await run(['get', set, '-o', 'json'])
        expect((await run(['create', '-f', '-'], controllerRevisionsOf(stdout))).stderr).toBe('')
      }
    }
    await same(setRollouts)
  })

  it('a manifest from standard input', async () => {
    await same(['apply -f -', 'delete -f -'], manifests['app.yaml'])
  })

  async function same(lines: readonly string[], input?: string): Promise<void> {
    const ours: (Output & { readonly line: string })[] = []
    const theirs: typeof ours = []
    for (const line of lines) {
      const { kubectl, astern } = await sides.both(words(line), input)
      ours.push({ line, ...astern })
      theirs.push({ line, ...kubectl })
    }
    expect(ours).toEqual(theirs)
  }
})
