import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PodSpec, PriorityClass } from '../../api/generated/types.ts'
import { pods, priorityClasses } from '../../api/scheme.ts'
import { type GivenServer, givenServer, inDefault, pod, refusal } from '../server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const createPod = async (spec: Partial<PodSpec> = {}) =>
  (await given.api.create(pods, inDefault, pod('p', spec))).spec

function createClass(name: string, fields: Partial<PriorityClass>) {
  const object = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name } }
  return given.api.create<PriorityClass>(priorityClasses, {}, { ...object, ...fields } as never)
}

test('A-11: a bare pod has priority 0 and takes the place of lower ones', async () => {
  const spec = await createPod()
  expect(spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
  expect(spec).not.toHaveProperty('priorityClassName')
})

test.each([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])('priority class %s is there without being stored', async (priorityClassName, priority) => {
  expect(await createPod({ priorityClassName })).toMatchObject({ priority })
})

test('a pod has priority and policy of its class', async () => {
  await createClass('low', { value: -10, preemptionPolicy: 'Never' })
  expect(await createPod({ priorityClassName: 'low' })).toMatchObject({
    priority: -10,
    preemptionPolicy: 'Never',
  })
})

test('a pod that names none has the class that is the default', async () => {
  await createClass('usual', { value: 7, globalDefault: true })
  expect(await createPod()).toMatchObject({ priorityClassName: 'usual', priority: 7 })
})

describe('refused in upstream’s words', () => {
  test.each<[Partial<PodSpec>, string]>([
    [{ priorityClassName: 'constructor' }, 'no PriorityClass with name constructor was found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
    [
      { preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
  ])('a pod with %j', async (spec, why) => {
    expect(await refusal(createPod(spec))).toMatchObject({
      code: 403,
      message: `pods "p" is forbidden: ${why}`,
    })
  })

  test('a second default', async () => {
    await createClass('usual', { value: 7, globalDefault: true })
    expect(await refusal(createClass('other', { value: 8, globalDefault: true }))).toMatchObject({
      message:
        'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    })
  })

  test('the deletion of a built-in class', async () => {
    await given.server.bootstrapBuiltIns()
    const name = 'system-node-critical'
    expect(await refusal(given.api.delete(priorityClasses, { name }))).toMatchObject({
      message: `priorityclasses.scheduling.k8s.io "${name}" is forbidden: this is a system priority class and cannot be deleted`,
    })
  })
})
