import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Cluster, startCluster } from '../src/cluster/index.ts'
import { startInProcess } from './cli-parity.fixture.ts'
import { manifests } from './cli-parity-manifests.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ runtime: 'simulated' })
})
afterAll(() => cluster.stop())

const run = (line: string, input?: string) => {
  const place = { env: { KUBECONFIG: cluster.kubeconfig }, dir: '/', input }
  return startInProcess(line.split(' '), place).done
}

/** Standard output of a command that must succeed without a word on standard error. */
async function quiet(line: string): Promise<string> {
  const output = await run(line)
  expect(output).toMatchObject({ code: 0, stderr: '' })
  return output.stdout
}

async function rolledOut(): Promise<void> {
  expect(await quiet('rollout status deploy/app --timeout=60s')).toMatch(
    /deployment "app" successfully rolled out\n$/,
  )
}

async function revisions(): Promise<readonly string[]> {
  const [, heading, ...rows] = (await quiet('rollout history deploy/app')).trimEnd().split('\n')
  expect(heading).toBe('REVISION  CHANGE-CAUSE')
  return rows.map((row) => row.split(/ {2,}/)).map(([revision, cause]) => `${revision}: ${cause}`)
}

it('S-47: create, two new images, undo to 2, undo, undo to the same, no history', async () => {
  const created = await run('create -f - --record', manifests['only-app.yaml'])
  expect(created.stdout).toBe('deployment.apps/app created\n')
  expect(created.stderr).toBe(
    'Flag --record has been deprecated, --record will be removed in the future\n',
  )
  await rolledOut()
  for (const image of ['learnk8s/app:2', 'learnk8s/app:3']) {
    expect(await quiet(`set image deploy/app app=${image}`)).toBe(
      'deployment.apps/app image updated\n',
    )
    await rolledOut()
  }
  const cause = 'kubectl create --filename=- --record=true'
  expect(await revisions()).toEqual([`1: ${cause}`, `2: ${cause}`, `3: ${cause}`])
  const undone = 'deployment.apps/app rolled back\n'
  expect(await quiet('rollout undo deployment/app --to-revision=2')).toBe(undone)
  await rolledOut()
  expect(await revisions()).toEqual([`1: ${cause}`, `3: ${cause}`, `4: ${cause}`])
  const image = ['-o', 'jsonpath={.spec.template.spec.containers[0].image}'].join(' ')
  expect(await quiet(`get deploy app ${image}`)).toBe('learnk8s/app:2')
  expect(await quiet('rollout undo deployment/app')).toBe(undone)
  await rolledOut()
  expect(await revisions()).toEqual([`1: ${cause}`, `4: ${cause}`, `5: ${cause}`])
  expect(await quiet('rollout undo deployment/app --to-revision=5')).toBe(
    'deployment.apps/app skipped rollback (current template already matches revision 5)\n',
  )
})

it('S-24: without a history there is nothing to go back to', async () => {
  const none = manifests['only-app.yaml']?.replace('spec:', 'spec:\n  revisionHistoryLimit: 0')
  expect((await run('apply -f -', none)).stdout).toBe('deployment.apps/app configured\n')
  await rolledOut()
  await expect.poll(revisions, { timeout: 10_000 }).toHaveLength(1)
  const { code, stderr } = await run('rollout undo deploy/app')
  expect(code).toBe(1)
  expect(stderr).toMatch(/\nerror: no rollout history found for deployment "app"\n$/)
})
