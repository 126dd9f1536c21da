import { expect } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { type GivenStory, setOf } from '../release-cli/given-story.ts'
import { chapter, given, so, story, when } from './story.ts'

chapter('10. StatefulSets and DaemonSets')

type SetKind = 'StatefulSet' | 'DaemonSet'

async function ship(world: GivenStory, kind: SetKind, image: string): Promise<string> {
  const commit = await world.deploySet(setOf(kind, image), image)
  await world.healthy(`${kind.toLowerCase()}/app`)
  return commit
}

interface PodLine {
  readonly name: string
  readonly image: string
  readonly uid: string
  readonly isReady: boolean
}

async function podsOf(world: GivenStory): Promise<readonly PodLine[]> {
  const { items } = await world.get('pods -l app=app')
  return items.map(({ metadata, spec, status }: Pod) => ({
    name: metadata.name,
    uid: metadata.uid,
    image: spec?.containers[0]?.image,
    isReady: (status?.conditions ?? []).some(
      (each) => each.type === 'Ready' && each.status === 'True',
    ),
  }))
}

story('a StatefulSet and Git move together', async (world) => {
  given('two versions that work')
  await ship(world, 'StatefulSet', 'app:1')
  await ship(world, 'StatefulSet', 'app:2')
  when('it is rolled back')
  const said = await world.succeed('rollback sts/app --push --reason slow')
  so('template, configuration and Git are those of the first')
  expect(said).toMatch(/^statefulset\/app runs r1 as r3: healthy\nGit: commit [0-9a-f]{12}\n$/)
  expect(await world.image('statefulset/app')).toBe('app:1')
  expect((await podsOf(world)).map(({ image }) => image)).toEqual(['app:1', 'app:1'])
  expect(await world.text()).toBe('app1')
  expect(await world.pushed('app/set.yaml')).toBe(setOf('StatefulSet', 'app:1').trimEnd())
  so('there is no drift, and the next `kubectl apply` changes nothing')
  expect(await world.succeed('drift statefulset/app')).toMatch(/^statefulset\/app is as /)
  expect(await world.kubectlApply()).toBe('')
  so('the history remembers all of it; the revision is the one that was kept, raised (D-04)')
  expect(await world.story('sts/app')).toEqual([
    'r1 apply healthy app:1',
    'r2 apply healthy app:2',
    'r3 rollback healthy app:1',
  ])
  expect((await world.rows('sts/app')).at(-1)).toMatchObject({ revision: '3', why: 'slow' })
  when('it is redone, by another name of its kind')
  await world.succeed('redo statefulsets.apps app --push')
  so('the second runs, and Git has it')
  expect(await world.image('statefulset/app')).toBe('app:2')
  expect(await world.kubectlApply()).toBe('')
  so('without a name it is refused (4)')
  const refused = await world.astern('rollback statefulset')
  expect(refused.code).toBe(4)
  expect(refused.stderr).toContain('a StatefulSet has to be named: statefulset/NAME')
})

story('a DaemonSet and Git move together', async (world) => {
  given('two versions that work')
  const first = await ship(world, 'DaemonSet', 'app:1')
  await ship(world, 'DaemonSet', 'app:2')
  when('it is rolled back')
  const said = await world.succeed('rollback ds/app --push')
  so('template, configuration and Git are those of the first')
  expect(said).toMatch(/^daemonset\/app runs r1 as r3: healthy\nGit: commit [0-9a-f]{12}\n$/)
  expect(await world.image('daemonset/app')).toBe('app:1')
  expect(await world.text()).toBe('app1')
  expect(await world.pushed('app/set.yaml')).toBe(setOf('DaemonSet', 'app:1').trimEnd())
  so('the next `kubectl apply` changes nothing')
  expect(await world.kubectlApply()).toBe('')
  when('somebody sets another image by hand')
  await world.kubectl('set image daemonset/app app=app:9')
  so('drift says so (6), and by whom; --restore gives back what Git has')
  const drift = await world.astern('drift ds app')
  expect(drift.code).toBe(6)
  expect(drift.stdout).toContain('edited by hand, by kubectl-set')
  expect(drift.stdout).toContain('image\n  - app:1\n  + app:9\n')
  await world.succeed('drift ds/app --restore')
  expect(await world.image('daemonset/app')).toBe('app:1')
  so('`astern diff` compares what ran')
  const diff = await world.succeed('diff daemonset/app r1 r2')
  expect(diff).toContain('image\n  - app:1\n  + app:2\n')
  const compared = await world.succeed(`diff ds/app ${first.slice(0, 12)} live`)
  expect(compared).not.toContain('image')
})

story('a StatefulSet that waits for a pod that never gets ready (D-1B)', async (world) => {
  given('two versions that work, and a third of which the first pod never gets ready')
  await ship(world, 'StatefulSet', 'app:1')
  await ship(world, 'StatefulSet', 'app:2')
  const bad = setOf('StatefulSet', 'app:3', { pod: '      nodeSelector: { no: such }\n' })
  await world.deploySet(bad, 'app:3')
  const broken = await world.eventually(async () => {
    const pod = (await podsOf(world)).find(({ image }) => image === 'app:3')
    if (!pod) throw new Error('it has not begun')
    return pod
  })
  expect(broken).toMatchObject({ name: 'app-1', isReady: false })
  const before = (await podsOf(world)).find(({ name }) => name === 'app-0')
  when('it is rolled back')
  const { code, stdout, stderr } = await world.astern('rollback statefulset/app --push')
  so('it says beforehand what it may have to delete, and afterwards that it did')
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
  expect(stderr).toContain('app-1 is not ready; if it blocks the way back, it is deleted')
  expect(stdout).toMatch(/^statefulset\/app runs r2 as r4: healthy\n/)
  expect(stdout).toContain('deleted app-1, which was not ready and blocked the way back')
  so('the second runs everywhere, and the pod that was ready was left alone')
  const after = await podsOf(world)
  expect(after.map(({ image }) => image)).toEqual(['app:2', 'app:2'])
  expect(after.find(({ name }) => name === 'app-0')).toEqual(before)
  expect(await world.kubectlApply()).toBe('')
})

story('a raw undo of a StatefulSet leaves a commit behind', async (world) => {
  given('two versions')
  const first = await ship(world, 'StatefulSet', 'app:1')
  await ship(world, 'StatefulSet', 'app:2')
  so('`kubectl rollout history` has the cause of each (D-03)')
  const causes = await world.kubectl('rollout history statefulset/app')
  expect(causes).toMatch(/^1 +apply Ship app:1 \(.*\n2 +apply Ship app:2 \(/m)
  when('the second is undone with stock kubectl')
  await world.kubectl('rollout undo statefulset/app')
  await world.healthy('sts/app')
  so(
    'it is recorded with what it brought back, though an undo of a set brings no annotation (G-42)',
  )
  expect((await world.rows('sts/app')).at(-1)).toMatchObject({
    release: 3,
    source: 'undo',
    commit: first,
    restores: 1,
    revision: '3',
  })
  so('drift names it (6), and the commit that runs')
  const drift = await world.astern('drift sts/app')
  expect(drift.code).toBe(6)
  expect(drift.stdout).toContain(`undone by raw kubectl, to commit ${first.slice(0, 12)}`)
  when('somebody deploys what Git has')
  await world.kubectlApply()
  await world.healthy('sts/app')
  so('that is recorded as an apply')
  expect(await world.story('sts/app')).toEqual([
    'r1 apply healthy app:1',
    'r2 apply healthy app:2',
    'r3 undo healthy app:1',
    'r4 apply healthy app:2',
  ])
})

story('what keeps pods at the old revision is said', async (world) => {
  given('two versions of a StatefulSet, of which only the last pod may change')
  const spec = '  updateStrategy: { rollingUpdate: { partition: 1 } }\n'
  await world.deploySet(setOf('StatefulSet', 'app:1', { spec }), 'app:1')
  await world.healthy('sts/app')
  await world.deploySet(setOf('StatefulSet', 'app:2'), 'app:2')
  await world.healthy('sts/app')
  when('it is rolled back to what says so')
  const { code, stdout, stderr } = await world.astern('rollback sts/app --push')
  so('it ends at once with 3, and says which pods stay and why; before, too')
  expect({ code, stderr }).toMatchObject({ code: 3 })
  expect(stderr).toContain('Warning: not every pod goes along, because partition=1')
  expect(stdout).toMatch(
    /^statefulset\/app runs r1 as r3: not everywhere: 1 pod stays at the old revision because partition=1\n/,
  )
  const pods = async () => (await podsOf(world)).map(({ image }) => image)
  expect(await pods()).toEqual(['app:2', 'app:1'])
  so('a release that does not run everywhere is not called healthy')
  expect((await world.rows('sts/app')).at(-1)).toMatchObject({ health: 'unknown' })
  when('all may change')
  const patch = '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'
  await world.kubectl(['patch', 'statefulset/app', '-p', patch])
  await world.healthy('sts/app')
  so('it is')
  expect(await pods()).toEqual(['app:1', 'app:1'])
})

story(
  'by hand, with stock kubectl',
  async (world) => {
    given('two versions of a DaemonSet')
    await ship(world, 'DaemonSet', 'app:1')
    const second = await ship(world, 'DaemonSet', 'app:2')
    when('the second is undone with stock kubectl')
    const { stderr } = await world.namespace.kubectl('rollout undo daemonset/app')
    so('it is warned of the commit that it leaves behind')
    expect(stderr).toContain(`leaves commit ${second.slice(0, 12)} (Ship app:2) behind`)
    expect(stderr).toContain('`astern rollback daemonset/app` moves both')
    await world.healthy('ds/app')
    so('an Event says so as well')
    await world.eventually(async () => {
      const events = await world.kubectl('get events --field-selector reason=GitLeftBehind')
      expect(events).toContain('daemonset/app')
    })
  },
  { embeddedBecause: 'other API servers do not warn' },
)
