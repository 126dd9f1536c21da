import { mkdtempSync, writeFileSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { events, pods } from '../src/api/scheme.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'

const inDefault = { namespace: 'default' }
let given: GivenEngine

beforeAll(async () => {
  given = await givenEngine()
})

afterAll(() => given.stop())

/** A directory with one program, as an image. */
async function addImage(
  reference: string,
  program: string,
  command: readonly string[] = ['node', 'main.js'],
) {
  const dir = mkdtempSync(join(tmpdir(), 'astern-program-'))
  writeFileSync(join(dir, 'main.js'), program)
  return given.images.add(reference, dir, command)
}

async function runPod(name: string, image: string): Promise<void> {
  const spec = { containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }] }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }
  await given.engine.transport.create(pods, inDefault, pod)
}

async function waitingOf(name: string) {
  const pod = await given.engine.transport.get(pods, { ...inDefault, name })
  return pod.status?.containerStatuses?.[0]?.state?.waiting
}

async function isReady(name: string): Promise<boolean | undefined> {
  const pod = await given.engine.transport.get(pods, { ...inDefault, name })
  return pod.status?.containerStatuses?.[0]?.ready
}

async function eventsOf(name: string): Promise<readonly string[]> {
  const { items } = await given.engine.transport.list(events, inDefault)
  return items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`)
}

const eventually = { timeout: 20_000, interval: 100 }

describe('what a user sees of a program that does not work', () => {
  it('listens on a port of its own choice that is taken: an Event names $PORT', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => holder.once('listening', resolve))
    const { port } = holder.address() as AddressInfo
    await addImage('fixed:1', `require('node:http').createServer().listen(${port}, '127.0.0.1')`)
    await runPod('fixed', 'fixed:1')
    await expect
      .poll(() => eventsOf('fixed'), eventually)
      .toContainEqual(expect.stringMatching(/^PortTaken: .*listen on \$PORT \(\d+ for this pod\)/))
    holder.close()
  })

  it('an image that nobody added: says how to add it', async () => {
    await runPod('unknown', 'nobody/knows:1')
    await expect
      .poll(async () => (await waitingOf('unknown'))?.reason, eventually)
      .toBe('ImagePullBackOff')
    expect((await waitingOf('unknown'))?.message).toContain('astern image add nobody/knows:1 DIR')
  })

  it('an image whose directory is gone: says so, and goes on when it is back', async () => {
    const program = 'setInterval(() => {}, 1000)'
    const image = await addImage('gone:1', program)
    await chmod(image.root, 0o700)
    await rm(image.root, { recursive: true, force: true })
    await runPod('gone', 'gone:1')
    await expect.poll(async () => (await waitingOf('gone'))?.message, eventually).toBeTruthy()
    expect((await waitingOf('gone'))?.message).toMatch(/gone:1|image add/)
    await addImage('gone:1', program)
    await expect.poll(() => isReady('gone'), eventually).toBe(true)
  })

  it('an image without a command: says how to give one', async () => {
    await addImage('silent:1', '', [])
    await runPod('silent', 'silent:1')
    await expect
      .poll(async () => (await waitingOf('silent'))?.reason, eventually)
      .toBe('CreateContainerConfigError')
    expect((await waitingOf('silent'))?.message).toContain('astern image add silent:1 DIR -- CMD')
  })

  it('a program that is not there: names it', async () => {
    await addImage('absent:1', '', ['./no-such-program'])
    await runPod('absent', 'absent:1')
    await expect
      .poll(async () => (await waitingOf('absent'))?.reason, eventually)
      .toBe('RunContainerError')
    expect((await waitingOf('absent'))?.message).toContain('"./no-such-program"')
  })
})
