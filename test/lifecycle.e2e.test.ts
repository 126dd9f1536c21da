import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../src/api/generated/types.ts'
import { pods } from '../src/api/scheme.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'

const inDefault = { namespace: 'default' }
const eventually = { timeout: 30_000, interval: 50 }
let given: GivenEngine
let dir: string
/** A file in which the programs of one pod say what they do. */
let diary: string

beforeAll(async () => {
  given = await givenEngine()
  dir = mkdtempSync(join(tmpdir(), 'astern-lifecycle-'))
  await given.images.add('box:1', mkdtempSync(join(tmpdir(), 'astern-image-')))
})
afterAll(async () => {
  await given.stop()
  rmSync(dir, { recursive: true })
})
beforeEach(() => {
  diary = join(mkdtempSync(join(dir, 'pod-')), 'diary')
  appendFileSync(diary, '')
})

const transport = () => given.engine.transport
const said = () => readFileSync(diary, 'utf8').trim().split('\n')
const named = (name: string, container: Partial<Container>): Container => ({
  name,
  image: 'box:1',
  imagePullPolicy: 'IfNotPresent',
  ...container,
})
const ends = (name: string) => ({ command: ['sh', '-c', `echo ${name} >>${diary}`] })
const stays = (name: string) => {
  const trap = `trap "echo ${name} ends >>${diary}; exit 0" TERM`
  const script = `${trap}; echo ${name} >>${diary}; while :; do sleep 0.05; done`
  return { command: ['sh', '-c', script] }
}

async function runPod(name: string, spec: PodSpec): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }
  await transport().create(pods, inDefault, pod)
}

const statusOf = async (name: string) =>
  (await transport().get(pods, { ...inDefault, name })).status
const isReady = async (name: string) =>
  (await statusOf(name))?.conditions?.find(({ type }) => type === 'Ready')?.status
const deletePod = (name: string) => transport().delete(pods, { ...inDefault, name }, {})

describe('init containers and sidecars', () => {
  /** `late` says when the sidecar counts as started. */
  const sidecar = (late: string): Container => ({
    ...named('sidecar', stays('sidecar')),
    restartPolicy: 'Always',
    startupProbe: { exec: { command: ['test', '-e', late] }, periodSeconds: 1 },
  })

  it('start one after the other, a sidecar stays; it ends after the rest (F-10)', async () => {
    const late = `${diary}.late`
    const initContainers = [
      named('first', ends('first')),
      sidecar(late),
      named('second', ends('second')),
    ]
    const containers = [named('main', stays('main'))]
    await runPod('order', { initContainers, containers })
    await expect.poll(said, eventually).toEqual(['first', 'sidecar'])
    const running = async () =>
      (await statusOf('order'))?.initContainerStatuses?.[1]?.state?.running
    await expect.poll(running, eventually).toBeTruthy()
    expect(await statusOf('order')).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
    })
    appendFileSync(late, '')
    await expect.poll(() => isReady('order'), eventually).toBe('True')
    expect(said()).toEqual(['first', 'sidecar', 'second', 'main'])
    await deletePod('order')
    await expect.poll(() => said().slice(4), eventually).toEqual(['main ends', 'sidecar ends'])
  })

  it('a pod whose work is done is Succeeded: its sidecar does not keep it', async () => {
    const late = `${diary}.late`
    appendFileSync(late, '')
    const containers = [named('main', ends('main'))]
    const restartPolicy = 'Never'
    await runPod('done', { initContainers: [sidecar(late)], containers, restartPolicy })
    const phase = async () => (await statusOf('done'))?.phase
    await expect.poll(phase, eventually).toBe('Succeeded')
    expect(said()).toEqual(['sidecar', 'main', 'sidecar ends'])
  })

  it('an init container that fails is tried again; without a restart policy the pod fails', async () => {
    const script = `echo try >>${diary}; [ $(wc -l <${diary}) -ge 2 ]`
    const initContainers = [named('tries', { command: ['sh', '-c', script] })]
    const containers = [named('main', stays('main'))]
    await runPod('tries', { initContainers, containers })
    await expect.poll(() => isReady('tries'), eventually).toBe('True')
    expect(said()).toEqual(['try', 'try', 'main'])
    const [init] = (await statusOf('tries'))?.initContainerStatuses ?? []
    expect(init).toMatchObject({ ready: true, restartCount: 1 })
    const fails = [named('fails', { command: ['sh', '-c', 'exit 3'] })]
    await runPod('fails', { initContainers: fails, containers, restartPolicy: 'Never' })
    const phase = async () => (await statusOf('fails'))?.phase
    await expect.poll(phase, eventually).toBe('Failed')
    expect(said()).toEqual(['try', 'try', 'main'])
  })
})

describe('hooks', () => {
  /** Writes down what it is asked for, and its end with the time. */
  const serves = () => {
    const program = `
      const { appendFileSync } = require('node:fs')
      const say = (text) => appendFileSync('${diary}', text + '\\n')
      process.on('SIGTERM', () => { say('ends ' + Date.now()); process.exit(0) })
      require('node:http').createServer((request, response) => {
        say(request.url + ' ' + request.headers['x-why'])
        response.end()
      }).listen(process.env.PORT, '127.0.0.1', () => say('listens'))`
    const ports = [{ containerPort: 8080, name: 'web' }]
    const readinessProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1 }
    return { command: ['node', '-e', program], ports, readinessProbe }
  }

  it('preStop by httpGet comes before the signal, and postStart before ready (F-10)', async () => {
    const httpHeaders = [{ name: 'X-Why', value: 'over' }]
    const lifecycle = {
      postStart: {
        exec: { command: ['sh', '-c', `until [ -s ${diary} ]; do :; done; echo warm >>${diary}`] },
      },
      preStop: { httpGet: { path: '/bye', port: 'web', httpHeaders } },
    }
    await runPod('asks', { containers: [named('main', { ...serves(), lifecycle })] })
    await expect.poll(() => isReady('asks'), eventually).toBe('True')
    expect(said()).toEqual(['listens', 'warm'])
    await deletePod('asks')
    await expect.poll(() => said().slice(2), eventually).toEqual(['/bye over', expect.any(String)])
    expect(said()[3]).toMatch(/^ends \d+$/)
  })

  it('preStop by sleep holds the signal back, within the grace period', async () => {
    const preStop = { sleep: { seconds: 1 } }
    const containers = [named('main', { ...serves(), lifecycle: { preStop } })]
    await runPod('sleeps', { containers, terminationGracePeriodSeconds: 10 })
    await expect.poll(() => isReady('sleeps'), eventually).toBe('True')
    const deletedMs = Date.now()
    await deletePod('sleeps')
    await expect.poll(() => said().at(-1), eventually).toMatch(/^ends/)
    const heldMs = Number(said().at(-1)?.slice('ends '.length)) - deletedMs
    expect(heldMs).toBeGreaterThanOrEqual(1_000)
    expect(heldMs).toBeLessThan(10_000)
  })
})
