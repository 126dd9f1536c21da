import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namespaces } from '../src/api/scheme.ts'
import { systemContext } from '../src/base/context.ts'
import { HttpTransport } from '../src/client/http-transport.ts'
import { loadKubeconfig } from '../src/client/kubeconfig.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'
import { foreignAddress } from './release-cli/foreign-address.ts'
import { eventually } from './seed/given-namespace.ts'

const program = fileURLToPath(new URL('../dist/story.js', import.meta.url))
const appDir = fileURLToPath(new URL('../examples/story-app', import.meta.url))

let given: GivenEngine
let foreign: Awaited<ReturnType<typeof foreignAddress>>
beforeAll(async () => {
  given = await givenEngine({ runtime: 'process' })
  foreign = await foreignAddress(given.engine.kubeconfig)
})
afterAll(async () => {
  foreign?.close()
  await given?.stop()
})

async function tell(...more: readonly string[]) {
  const args = ['--kubeconfig', foreign.kubeconfig, '--image-prefix', 'example.test/team']
  const child = spawn(process.execPath, [program, ...args, ...more, '--exit'])
  child.stdin.end()
  const [out, err, [code]] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'close'),
  ])
  return { code, out: out.join(''), err: err.join('') }
}

test("on a cluster that is somebody else's: asked first, told whole, and nothing is left", async () => {
  const refused = await tell()
  expect(refused.code).toBe(1)
  expect(refused.out).toContain('there is nobody to ask')
  for (const [version, ...fault] of [['1.0.0'], ['1.1.0'], ['1.2.0', '3']]) {
    const command = [process.execPath, 'server.mjs', String(version), ...fault]
    await given.images.add(`example.test/team/app:${version}`, appDir, command)
  }
  const { code, out, err } = await tell('--yes')
  expect([code, out.split('\n').slice(-30)]).toEqual([0, expect.anything()])
  expect(err).toMatch(/^cluster astern \(https:\/\/127\.0\.0\.2:\d+\), .*namespace astern-story-/)
  expect(out).toContain('astern rollback deployment/app --push --reason')
  expect(out).toContain('Every step held, and no request was dropped.')
  const order = 'up 0->1, down 3->2, up 1->2, down 2->1, up 2->3, down 1->0'
  expect(out.split(`  Steps: ${order}\n`)).toHaveLength(6)
  const access = loadKubeconfig({ files: [given.engine.kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  await eventually(async () => {
    const { items } = await transport.list(namespaces, {})
    expect(items.map(({ metadata }) => metadata.name).join()).not.toContain('astern-story')
  })
  transport.close()
})
