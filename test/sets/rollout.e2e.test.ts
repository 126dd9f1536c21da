import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { eventually, type GivenNamespace } from '../seed/given-namespace.ts'
import { manifestOf, setsUnderTest, templateText } from './set-manifests.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated', 2)
})
afterAll(() => engine?.stop())

const failure = (stderr: string) => ({ code: 1, stdout: '', stderr })

// S-08: all that `kubectl rollout` does, for the kinds with ControllerRevisions.
describe.each(setsUnderTest)('S-08: $kind', ({ kind, word, plural, complete }) => {
  const object = `${word}.apps/app`
  const create = async (given: GivenNamespace, image = 'app:1', cause?: string) => {
    await given.run('create -f -', { stdin: manifestOf(kind, image, cause) })
    await given.rolledOut(`${word}/app`)
  }
  const setImage = async (image: string) => {
    await given.run(`set image ${word}/app app=${image}`)
    await given.rolledOut(`${word}/app`)
  }
  const images = async () => {
    const { items } = await given.get('pods')
    const live = items.filter((pod: { metadata: object }) => !('deletionTimestamp' in pod.metadata))
    return live.map(
      (pod: { spec: { containers: { image: string }[] } }) => pod.spec.containers[0]?.image,
    )
  }

  beforeEach(async () => {
    given = await engine.namespace()
  })

  test('G-21, D-03, D-04: history, undo and undo --to-revision', async () => {
    await create(given, 'app:1', 'first')
    expect(await given.run(`rollout history ${word}/app`)).toBe(
      `${object} \nREVISION  CHANGE-CAUSE\n1         first\n\n`,
    )
    for (const tag of [2, 3]) {
      await given.run(`annotate ${word}/app --overwrite kubernetes.io/change-cause=v${tag}`)
      await setImage(`app:${tag}`)
    }
    expect(await given.run(`rollout history ${word}/app`)).toBe(
      `${object} \nREVISION  CHANGE-CAUSE\n1         first\n2         v2\n3         v3\n\n`,
    )
    expect(await given.run(`rollout undo ${word}/app`)).toBe(`${object} rolled back\n`)
    await given.rolledOut(`${word}/app`)
    expect(new Set(await images())).toEqual(new Set(['app:2']))
    expect(await given.run(`rollout history ${word}/app`)).toBe(
      `${object} \nREVISION  CHANGE-CAUSE\n1         first\n3         v3\n4         v2\n\n`,
    )
    expect(await given.run(`rollout undo ${word}/app --to-revision=1`)).toBe(
      `${object} rolled back\n`,
    )
    await given.rolledOut(`${word}/app`)
    await eventually(async () => expect(await images()).toEqual(['app:1', 'app:1']))
    const { metadata } = await given.get(`${word}/app`)
    expect(metadata.annotations['kubernetes.io/change-cause']).toBe('v3')
  })

  test('G-23, G-24, G-25: one revision', async () => {
    await create(given)
    await setImage('app:2')
    expect(await given.run(`rollout history ${word}/app --revision=1`)).toBe(
      `${object} with revision #1\n${templateText('app:1')}\n`,
    )
    const applied = await given.run(`rollout history ${word}/app --revision=1 -o json`)
    const { kind: shown, spec } = JSON.parse(applied)
    expect([shown, spec.template.spec.containers[0].image]).toEqual([kind, 'app:1'])
    expect(await given.kubectl(`rollout history ${word}/app --revision=9`)).toEqual(
      failure('error: unable to find the specified revision\n'),
    )
  })

  test('G-40, K.3: what undo refuses, and what it skips', async () => {
    await create(given)
    expect(await given.kubectl(`rollout undo ${word}/app`)).toEqual(
      failure('error: no last revision to roll back to\n'),
    )
    await setImage('app:2')
    expect(await given.kubectl(`rollout undo ${word}/app --to-revision=7`)).toEqual(
      failure('error: unable to find specified revision 7 in history\n'),
    )
    expect(await given.run(`rollout undo ${word}/app --to-revision=2`)).toBe(
      `${object} skipped rollback (current template already matches revision 2)\n`,
    )
  })

  test('G-41: undo without doing it', async () => {
    await create(given)
    await setImage('app:2')
    expect(await given.run(`rollout undo ${word}/app --dry-run=client`)).toBe(
      `${object} will roll back to ${templateText('app:1')} (dry run)\n`,
    )
    expect(await given.run(`rollout undo ${word}/app --dry-run=server`)).toBe(
      `${object} rolled back (server dry run)\n`,
    )
    const { spec } = await given.get(`${word}/app`)
    expect(spec.template.spec.containers[0].image).toBe('app:2')
  })

  test('G-37, G-38, G-3A, G-44: restart and status', async () => {
    await create(given)
    const { items } = await given.get('pods')
    expect(await given.run(`rollout restart ${word}/app`)).toBe(`${object} restarted\n`)
    const followed = await given.run(`rollout status ${word}/app --timeout=30s`)
    const lines = followed.trim().split('\n')
    expect(lines.at(-1)).toBe(complete)
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^Waiting for .*\.\.\.$/)
    expect(await given.run(`rollout status ${word}/app --watch=false`)).toBe(`${complete}\n`)
    const uids = new Set(items.map(({ metadata }: { metadata: { uid: string } }) => metadata.uid))
    const after = (await given.get('pods')).items
    expect(
      after.some(({ metadata }: { metadata: { uid: string } }) => uids.has(metadata.uid)),
    ).toBe(false)
  })

  test('G-39: no status without a rolling update', async () => {
    await create(given)
    const patch = '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}'
    await given.run(['patch', `${word}/app`, '-p', patch])
    expect(await given.kubectl(`rollout status ${word}/app`)).toEqual(
      failure('error: rollout status is only available for RollingUpdate strategy type\n'),
    )
  })

  test('G-29: no pause', async () => {
    await create(given)
    expect(await given.kubectl(`rollout pause ${word}/app`)).toEqual(
      failure(`error: ${plural}.apps "app" pausing is not supported\n`),
    )
  })
})
