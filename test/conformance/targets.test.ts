import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bodies } from './all-bodies.ts'

/** Section I of the specification: each id with a text for each of its tests. */
const targets: Readonly<Record<string, readonly string[]>> = {
  'I-01': ['RollingUpdateDeployment should delete old pods and create new ones'],
  'I-02': ['RecreateDeployment should delete old pods and create new ones'],
  'I-03': ['deployment should delete old replica sets'],
  'I-04': ['deployment should support rollover'],
  'I-05': ['deployment should support proportional scaling'],
  'I-06': ['should have a working scale subresource'],
  'I-07': ['should run the lifecycle of a Deployment'],
  'I-08': ['should validate Deployment Status endpoints'],
  'I-09': ['deployment reaping should cascade'],
  'I-10': ['ReplicaSet orphaning and adoption regarding controllerRef'],
  'I-11': ['iterative rollouts should eventually progress'],
  'I-12': ['should serve a basic image on each replica'],
  'I-13': ['should adopt matching pods on creation and release no longer matching pods'],
  'I-14': [
    'should have a working scale subresource',
    'Replace and Patch',
    'should list and delete a collection',
    'Status endpoints',
  ],
  'I-15': ['should surface a failure condition on a common issue like exceeded quota'],
  'I-16': ['should perform rolling updates and roll backs of template modifications'],
  'I-17': ['should perform canary updates and phased rolling updates of template modifications'],
  'I-18': ['Scaling should happen in predictable order and halt if any stateful pod is unhealthy'],
  'I-19': ['Burst scaling should run to completion even with unhealthy pods'],
  'I-20': ['Should recreate evicted statefulset'],
  'I-21': [
    'should have a working scale subresource',
    'should list, patch and delete a collection',
    'Status endpoints',
  ],
  'I-22': [
    'should provide basic identity',
    'should adopt matching orphans and release non-matching pods',
    "should not deadlock when a pod's predecessor fails",
    'OnDelete',
    'PVC retention',
    'MinReadySeconds',
    'start ordinal',
  ],
  'I-23': [
    'should run and stop simple daemon',
    'should run and stop complex daemon',
    'should retry creating failed daemon pods',
  ],
  'I-24': ['should update pod when spec was updated and update strategy is RollingUpdate'],
  'I-25': ['should rollback without unnecessary restarts'],
  'I-26': ['should list and delete a collection', 'should verify changes to a daemon set status'],
  'I-27': [
    'should not update pod when spec was updated and update strategy is OnDelete',
    'should surge pods',
  ],
  'I-28': ['should manage the lifecycle of a ControllerRevision'],
  'I-29': ['RC'],
  'I-30': [
    'should orphan',
    'should keep the rc around until all its pods are deleted',
    'should delete pods created by rc when not orphaning',
    'should not be blocked by dependency circle',
    'namespace deletion should delete pod first',
    'Pods',
    'Events',
    'EndpointSlice',
    'Table transformation',
    'chunked list',
    'watchers',
    'field validation',
    'SSA',
    'aggregated discovery',
    'PodDisruptionBudget',
    'evictions',
    'Service lifecycle',
  ],
}

const excuses = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| (I-\d\d .*?) \| .+ \|$/.exec(line)?.[1] ?? [])

const wanted = Object.entries(targets).flatMap(([id, texts]) => texts.map((text) => ({ id, text })))

const hasBody = ({ id, text }: (typeof wanted)[number]) =>
  bodies.some((body) => body.id === id && body.title.includes(text))

test('I-01 to I-30: every target has a body, or a reason why not', () => {
  expect(Object.keys(targets)).toHaveLength(30)
  const isExcused = ({ id, text }: (typeof wanted)[number]) =>
    excuses.some((excuse) => excuse.startsWith(`${id} ${text}`))
  expect(wanted.filter((target) => !hasBody(target) && !isExcused(target))).toEqual([])
})

test('I-01 to I-30: no excuse is for nothing, and each title is there once', () => {
  const isKnown = (excuse: string) =>
    wanted.some(({ id, text }) => excuse.startsWith(`${id} ${text}`))
  expect(excuses.filter((excuse) => !isKnown(excuse))).toEqual([])
  const titles = bodies.map(({ id, title }) => `${id} ${title}`)
  expect(new Set(titles).size).toBe(titles.length)
})
