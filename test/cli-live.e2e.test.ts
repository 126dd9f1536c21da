import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Parity, parity } from './cli-parity.fixture.ts'
import { manifests } from './cli-parity-manifests.ts'

const merge = { 'content-type': 'application/merge-patch+json' }
const deployment = '/apis/apps/v1/namespaces/default/deployments/app'
const pod = '/api/v1/namespaces/default/pods/p'

describe('commands that go on', () => {
  let sides: Parity

  beforeAll(async () => {
    sides = await parity()
    for (const [name, content] of Object.entries(manifests)) await sides.file(name, content)
  })
  afterAll(() => sides.close())

  const succeed = async (...args: readonly string[]) => {
    const output = await sides.astern(args)
    expect(output).toMatchObject({ code: 0, stderr: '' })
    return output.stdout
  }
  const patch = async (path: string, body: object) => {
    const ask = { method: 'PATCH', headers: merge, body: JSON.stringify(body) }
    expect((await sides.api.astern.ask(path, ask)).code).toBe(200)
  }
  const status = (counts: object) => patch(`${deployment}/status`, { status: counts })

  it('G-30..36: rollout status prints a line for each change, until the end', async () => {
    await succeed('create', '-f', 'only-app.yaml')
    const started = sides.start(['rollout', 'status', 'deploy/app'])
    const sees = (line: string) =>
      vi.waitFor(() => expect(started.written.stdout.split('\n').at(-2)).toBe(line), 5000)
    const finish = 'Waiting for deployment "app" rollout to finish'
    await sees('Waiting for deployment spec update to be observed...')
    await status({ observedGeneration: 1 })
    await sees(`${finish}: 0 out of 3 new replicas have been updated...`)
    await status({ updatedReplicas: 3, replicas: 4 })
    await sees(`${finish}: 1 old replicas are pending termination...`)
    await status({ replicas: 3, readyReplicas: 3, availableReplicas: 2 })
    await sees(`${finish}: 2 of 3 updated replicas are available...`)
    await status({ availableReplicas: 3 })
    expect(await started.done).toMatchObject({ code: 0, stderr: '' })
    expect(started.written.stdout).toMatch(/\ndeployment "app" successfully rolled out\n$/)
  })

  it('G-32, G-3C: a deadline that is over and a deletion end it with an error', async () => {
    const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }
    await status({ conditions: [late], availableReplicas: 2 })
    expect(await sides.astern(['rollout', 'status', 'deploy/app'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: deployment "app" exceeded its progress deadline\n',
    })
    await status({ conditions: null })
    const started = sides.start(['rollout', 'status', 'deploy/app'])
    await vi.waitFor(() => expect(started.written.stdout).toContain('Waiting'), 5000)
    await succeed('delete', 'deploy/app')
    const { code, stderr } = await started.done
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: object has been deleted\n' })
  })

  it('get -w keeps columns, and ends when the user leaves', async () => {
    await succeed('create', '-f', 'pod.yaml')
    const started = sides.start(['get', 'pods', '-w'])
    const rows = () => started.written.stdout.trimEnd().split('\n')
    await vi.waitFor(() => expect(rows()).toHaveLength(2), 5000)
    await patch(`${pod}/status`, { status: { phase: 'Running' } })
    await vi.waitFor(() => expect(rows()).toHaveLength(3), 5000)
    expect(rows()[2]).toMatch(/^p {6}0\/2 {5}Running {3}0 {10}\d+s$/)
    started.leave()
    expect(await started.done).toMatchObject({ code: 0, stderr: '' })
  })

  it('get -w -o name prints each change', async () => {
    const started = sides.start(['get', 'pod', 'p', '-w', '-o', 'name'])
    await vi.waitFor(() => expect(started.written.stdout).toBe('pod/p\n'), 5000)
    await patch(pod, { metadata: { labels: { x: 'y' } } })
    await vi.waitFor(() => expect(started.written.stdout).toBe('pod/p\npod/p\n'), 5000)
    started.leave()
    expect((await started.done).code).toBe(0)
  })

  it('logs pass options on and end with the log; prefixes; -f until the user leaves', async () => {
    sides.api.astern.server.podConnector = {
      async *log(_, { container, tailLines, follow, previous, timestamps }, signal) {
        yield Buffer.from(`${JSON.stringify({ container, tailLines, previous, timestamps })}\nla`)
        yield Buffer.from('st\n')
        if (follow) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    }
    const json = { 'content-type': 'application/json' }
    const target = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { name: 'n' },
    }
    const bind = { method: 'POST', headers: json, body: JSON.stringify(target) }
    await sides.api.astern.ask(`${pod}/binding`, bind)
    const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }
    const of = (name: string) => ({
      name,
      image: 'x',
      imageID: '',
      ready: true,
      restartCount: 1,
      state: running,
      lastState: { terminated: { exitCode: 1, containerID: 'x://y' } },
    })
    await patch(`${pod}/status`, { status: { containerStatuses: [of('a'), of('b')] } })
    const options = ['-p', '--tail=7', '--timestamps', '-c', 'b']
    expect(await succeed('logs', 'p', ...options)).toBe(
      '{"container":"b","tailLines":7,"previous":true,"timestamps":true}\nlast\n',
    )
    expect(await succeed('logs', '-l', 'app=p', '--all-containers', '--prefix')).toMatch(
      /^\[pod\/p\/a\] \{"container":"a","tailLines":10.*\n\[pod\/p\/a\] last\n\[pod\/p\/b\] /,
    )
    const started = sides.start(['logs', '-f', 'p', 'a'])
    await vi.waitFor(() => expect(started.written.stdout).toContain('last\n'), 5000)
    started.leave()
    expect((await started.done).code).toBe(0)
  })

  it('delete waits until finalizers are through, at most as long as it is told', async () => {
    await succeed('create', '-f', 'only-app.yaml')
    await patch(deployment, { metadata: { finalizers: ['example.com/x'] } })
    expect(await sides.astern(['delete', 'deploy/app', '--timeout=100ms'])).toEqual({
      code: 1,
      stdout: 'deployment.apps "app" deleted from default namespace\n',
      stderr: 'error: timed out waiting for the condition on deployments.apps/app\n',
    })
    const started = sides.start(['delete', 'deploy/app'])
    await vi.waitFor(() => expect(started.written.stdout).toContain('deleted'), 5000)
    await patch(deployment, { metadata: { finalizers: null } })
    expect((await started.done).code).toBe(0)
  })

  it('scale --timeout waits for the replicas; set image names every missing container', async () => {
    await succeed('create', '-f', 'only-app.yaml')
    const late = await sides.astern(['scale', 'deploy/app', '--replicas=5', '--timeout=100ms'])
    expect(late.stderr).toBe('error: timed out waiting for "app" to be synced\n')
    const started = sides.start(['scale', 'deploy/app', '--replicas=4', '--timeout=20s'])
    await status({ replicas: 4 })
    expect((await started.done).stdout).toBe('deployment.apps/app scaled\n')
    const { stderr } = await sides.astern(['set', 'image', 'deploy/app', 'no=x', 'nope=x'])
    expect(stderr).toBe(
      'error: unable to find container named "no"\nerror: unable to find container named "nope"\n',
    )
  })

  it('A-23: says so when the engine does not run, and what to do', async () => {
    await sides.file('gone.kubeconfig', kubeconfigTo('https://127.0.0.1:1'))
    const { code, stderr } = await sides.astern(['get', 'pods', '--kubeconfig=gone.kubeconfig'])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^The connection to the server 127\.0\.0\.1:1 was refused - did you specify the right host or port\?\n.*`astern up`.*\n$/,
    )
    const data = await sides.astern(['get', 'pods', '--data=nowhere'])
    expect(data).toMatchObject({ code: 1, stdout: '' })
    expect(data.stderr).toMatch(/^error: cannot read a kubeconfig: .*nowhere.*\n.*astern up.*\n$/)
  })
})

function kubeconfigTo(server: string): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: '${server}'}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`
}
