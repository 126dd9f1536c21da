import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ContainerState, Pod } from '../api/generated/types.ts'
import { pods } from '../api/scheme.ts'
import type { LogOptions } from '../api/seams.ts'
import { logContainer, missingLogReason } from './pod-log.ts'
import { caller, type GivenServer, givenServer, inDefault, named, pod } from './server.fixture.ts'

const container = (name: string) => ({ name, image: 'i' })
const many = pod('p', { initContainers: [container('i')], containers: ['a', 'b'].map(container) })

describe('H-18: which container', () => {
  test.each([
    [pod('p'), undefined, 'app'],
    [many, 'b', 'b'],
    [many, 'i', 'i'],
  ])('%#', (given, asked, expected) => {
    expect(logContainer(given, asked)).toBe(expected)
  })

  test.each([
    [many, undefined, 'a container name must be specified for pod p, choose one of: [i a b]'],
    [many, 'c', 'container c is not valid for pod p'],
    [pod('p', { containers: [] }), '', 'a container name must be specified for pod p'],
  ])('%# is refused', (given, asked, message) => {
    expect(() => logContainer(given, asked)).toThrow(
      expect.objectContaining({ code: 400, reason: 'BadRequest', message }),
    )
  })
})

describe('whether there is a log', () => {
  const ended = { terminated: { exitCode: 1 } }
  const withState = (states: { state?: ContainerState; lastState?: ContainerState }): Pod => ({
    ...pod('p'),
    status: {
      containerStatuses: [
        { name: 'app', image: '', imageID: '', ready: false, restartCount: 0, ...states },
      ],
    },
  })
  const waiting = (reason: string) => ({ state: { waiting: { reason } } })
  const isWaiting = 'container "app" in pod "p" is waiting to start'

  test.each<[Parameters<typeof withState>[0], boolean, string | undefined]>([
    [{ state: { running: {} } }, false, undefined],
    [{ state: ended }, false, undefined],
    [{ ...waiting('CrashLoopBackOff'), lastState: ended }, false, undefined],
    [{ state: { running: {} }, lastState: ended }, true, undefined],
    [{ state: { running: {} } }, true, 'previous terminated container "app" in pod "p" not found'],
    [waiting('ContainerCreating'), false, `${isWaiting}: ContainerCreating`],
    [waiting('ErrImagePull'), false, `${isWaiting}: image can't be pulled`],
    [waiting('ImagePullBackOff'), false, `${isWaiting}: trying and failing to pull image`],
    [{}, false, `${isWaiting} - no logs yet`],
  ])('%j (previous: %s)', (states, isPrevious, expected) => {
    expect(missingLogReason(withState(states), 'app', isPrevious)).toBe(expected)
  })

  test('of a container that its node has not seen', () => {
    expect(missingLogReason(pod('p'), 'app', false)).toBe(
      'container "app" in pod "p" is not available',
    )
  })
})

describe('podLog', () => {
  let given: GivenServer
  beforeEach(async () => {
    given = await givenServer()
  })
  afterEach(() => given.stop())

  const { signal } = new AbortController()
  const read = async (options: Partial<LogOptions> = {}) => {
    let text = ''
    for await (const bytes of given.server.podLog(caller, named('p'), options, signal)) {
      text += Buffer.from(bytes).toString()
    }
    return text
  }
  const run = async () => {
    const bound = await given.api.create(pods, inDefault, pod('p', { nodeName: 'n' }))
    const state = { running: {} }
    const statuses = [{ name: 'app', image: '', imageID: '', ready: true, restartCount: 0, state }]
    const body = { ...bound, status: { containerStatuses: statuses } }
    await given.api.update(pods, named('p'), body, { subresource: 'status' })
  }

  test('is what the node sends of the container', async () => {
    await run()
    given.server.podConnector = {
      async *log(of, options) {
        yield Buffer.from(`${of.metadata.name} ${JSON.stringify(options)}`)
      },
    }
    expect(await read({ tailLines: 3 })).toBe('p {"tailLines":3,"container":"app"}')
  })

  test('is empty for a pod without a node', async () => {
    await given.api.create(pods, inDefault, pod('p'))
    expect(await read()).toBe('')
  })

  test('is refused when there is no pod, no log, no node', async () => {
    await expect(read()).rejects.toMatchObject({ code: 404, message: 'pods "p" not found' })
    await run()
    await expect(read()).rejects.toMatchObject({ code: 503 })
    await expect(read({ previous: true })).rejects.toMatchObject({ code: 400 })
  })
})
