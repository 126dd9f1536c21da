import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deployment } from '../src/api/generated/types.ts'
import { deployments, replicaSets } from '../src/api/scheme.ts'
import { systemContext } from '../src/base/context.ts'
import { HttpTransport } from '../src/client/http-transport.ts'
import { loadKubeconfig } from '../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'
import { astern, EngineProcess } from './engine-process.fixture.ts'

const inDefault = { namespace: 'default' }
const app = { namespace: 'default', name: 'app' }
let dataDir: string
let engine: EngineProcess
let transport: HttpTransport

const image = (...args: readonly string[]) => astern('image', ...args, '--data', dataDir)

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'astern-image-rm-'))
  const source = mkdtempSync(join(tmpdir(), 'astern-image-'))
  for (const version of ['1', '2', '3']) {
    await astern(
      'image',
      'add',
      `app:${version}`,
      source,
      '--data',
      dataDir,
      '--',
      'sleep',
      version.repeat(4),
    )
  }
  engine = await EngineProcess.start(dataDir)
  transport = new HttpTransport(systemContext(), {
    access: await loadKubeconfig({ files: [engine.kubeconfig] }),
  })
})
afterAll(async () => {
  transport.close()
  await engine.kill('SIGKILL')
  await astern('down', '--data', dataDir)
  await deleteSnapshot(dataDir)
})

describe('astern image rm', () => {
  it('refuses what a kept revision could bring back, and removes what nothing needs', async () => {
    const labels = { app: 'app' }
    const template = (version: string) => ({
      metadata: { labels },
      spec: { containers: [{ name: 'app', image: `app:${version}` }] },
    })
    const deployment: Deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app' },
      spec: { replicas: 0, selector: { matchLabels: labels }, template: template('1') },
    }
    await transport.create(deployments, inDefault, deployment)
    const body = { spec: { template: template('2') } }
    await expect
      .poll(async () => (await transport.list(replicaSets, inDefault)).items.length, {
        timeout: 20_000,
      })
      .toBe(1)
    await transport.patch(deployments, app, {
      type: 'application/strategic-merge-patch+json',
      body,
    })
    await expect
      .poll(async () => (await transport.list(replicaSets, inDefault)).items.length, {
        timeout: 20_000,
      })
      .toBe(2)
    const refused = await image('rm', 'docker.io/library/app:1')
    expect([refused.code, refused.stderr]).toEqual([
      4,
      expect.stringMatching(/app:1 is needed by replicaset\/app-\w+ \(default\)/),
    ])
    expect(await image('rm', 'app:3')).toMatchObject({ code: 0, stdout: 'app:3 removed\n' })
    expect((await image('rm', 'app:1', '--force')).code).toBe(0)
    expect((await image('ls')).stdout).not.toContain('app:1')
  })

  it('says that it cannot know while no engine runs', async () => {
    await engine.kill('SIGTERM')
    const refused = await image('rm', 'app:2')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('say --force')])
    expect((await image('rm', 'app:2', '--force')).code).toBe(0)
  })
})
