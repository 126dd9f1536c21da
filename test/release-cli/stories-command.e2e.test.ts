import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { eventually } from '../seed/given-namespace.ts'
import { foreignAddress } from './foreign-address.ts'

let engine: GivenEngine
beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine.stop())

const root = fileURLToPath(new URL('../..', import.meta.url))

test('npm run stories: on any cluster, in namespaces that are gone afterwards', async () => {
  const foreign = await foreignAddress(`${(await engine.namespace()).dir}.kubeconfig`)
  const args = ['--import', 'tsx', 'test/stories/main.ts', '--kubeconfig', foreign.kubeconfig]
  const child = spawn(process.execPath, [...args, 'standard input'], { cwd: root })
  const [out, err, [code]] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'close'),
  ])
  foreign.close()
  expect([code, err.join(''), out.join('')]).toEqual([0, '', expect.stringContaining('1 ok')])
  expect(out.join('')).toContain('when it is applied outside of any work tree\n')
  expect(out.join('')).toContain('1 ok, 0 failed\n')
  await eventually(async () => {
    const { body } = await engine.api('GET', '/api/v1/namespaces')
    expect(JSON.stringify(body)).not.toContain('astern-story-')
  })
})
