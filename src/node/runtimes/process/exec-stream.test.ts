import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerRef, ExecStreamOptions } from '../../runtime.ts'
import { newContainer, startInPod } from '../runtime.contract.ts'
import { type ProcessRuntimeFixture, processRuntimeFixture } from './process-runtime.fixture.ts'

let given: ProcessRuntimeFixture
let container: ContainerRef
beforeAll(async () => {
  given = await processRuntimeFixture()
  await given.addImage('runs', ['sleep', '600'])
  const spec = newContainer('runs')
  await startInPod(given.runtime, spec)
  container = spec
})
afterAll(() => given.dispose())

const never = new AbortController().signal

function run(script: string, options: Partial<ExecStreamOptions> = {}, signal = never) {
  const streams = { stdin: true, stdout: true, stderr: true, tty: false }
  const command = ['sh', '-c', script]
  return given.runtime.execStream(container, { ...streams, command, ...options }, signal)
}

async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a command with somebody connected to it', () => {
  test('has its streams and its exit code', async () => {
    const command = await run('cat; echo err >&2; exit 3')
    await command.stdin?.write(Buffer.from('in'))
    command.stdin?.end()
    expect(await Promise.all([textOf(command.stdout), textOf(command.stderr)])).toEqual([
      'in',
      'err\n',
    ])
    expect(await command.exit).toBe(3)
  })

  test('what nobody asks for is not there', async () => {
    const command = await run('cat; echo out; echo err >&2', { stdin: false, stderr: false })
    expect(command.stdin).toBeUndefined()
    expect(await Promise.all([textOf(command.stdout), textOf(command.stderr)])).toEqual([
      'out\n',
      '',
    ])
  })

  test('output that nobody reads holds the command up, and none is lost', async () => {
    const command = await run('head -c 20000000 /dev/zero; echo done >&2', { stdin: false })
    const errors = textOf(command.stderr)
    const early = await Promise.race([errors, textAfter(300)])
    expect(early).toBe('still running')
    expect((await textOf(command.stdout)).length).toBe(20_000_000)
    expect(await errors).toBe('done\n')
  })

  test('input that is not taken holds the writer up; the end of the command lets it go', async () => {
    const gone = new AbortController()
    const command = await run('sleep 600', {}, gone.signal)
    const writing = command.stdin?.write(Buffer.alloc(1_000_000)).then(() => 'written')
    expect(await Promise.race([writing, textAfter(300)])).toBe('still running')
    gone.abort()
    expect(await writing).toBe('written')
    await expect(command.exit).rejects.toThrow('lost')
  })

  test.each<[string, Partial<ExecStreamOptions>, RegExp]>([
    ['a program that is not there', { command: ['nope'] }, /"nope": executable file not found/],
    ['a client that is gone already', {}, /lost/],
  ])('%s is refused', async (title, options, text) => {
    const signal = title.includes('client') ? AbortSignal.abort() : never
    await expect(run('true', options, signal)).rejects.toThrow(text)
  })

  test('a container that does not run is refused', async () => {
    const options = { command: ['true'], stdin: false, stdout: true, stderr: true, tty: false }
    const ended = { ...container, restart: 9 }
    const refused = given.runtime.execStream(ended, options, never)
    await expect(refused).rejects.toThrow('the container is not running')
  })
})

function textAfter(delayMs: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('still running'), delayMs))
}
