import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'
import { kubectlBinary } from './kubectl-binary.ts'

const eventually = { timeout: 30_000 }

let given: GivenEngine
/** Without any credential: the server and its authority. */
let bare: string

beforeAll(async () => {
  given = await givenEngine({ runtime: 'simulated' })
  const config = parse(await readFile(given.engine.kubeconfig, 'utf8'))
  bare = join(given.dataDir, 'bare.kubeconfig')
  await writeFile(bare, stringify({ ...config, users: [{ name: 'astern', user: {} }] }))
})
afterAll(() => given.stop())

interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(kubeconfig: string, args: readonly string[], input?: string): Promise<Output> {
  const env = { KUBECONFIG: kubeconfig, HOME: given.dataDir, PATH: process.env.PATH }
  return new Promise((resolve) => {
    const child = execFile(kubectlBinary('35'), [...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const admin = (line: string, input?: string) => run(given.engine.kubeconfig, line.split(' '), input)

async function quiet(line: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await admin(line, input)
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

/** As the holder of a token. */
const withToken = (token: string, line: string) => run(bare, ['--token', token, ...line.split(' ')])

describe('stock kubectl', () => {
  test('signs in by the token of a ServiceAccount and does what its role lets it do', async () => {
    await quiet('create serviceaccount bot')
    await quiet('create rolebinding bot-views --clusterrole=view --serviceaccount=default:bot')
    const token = (await quiet('create token bot --duration=15m')).trim()
    expect((await withToken(token, 'get pods')).code).toBe(0)
    const refused = await withToken(token, 'get secrets')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:default:bot" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    )
    const who = await withToken(token, 'auth whoami')
    expect(who.stdout).toMatch(/^Username +system:serviceaccount:default:bot$/m)
    expect(who.stdout).toMatch(
      /^Groups +\[system:serviceaccounts system:serviceaccounts:default system:authenticated\]$/m,
    )
    const metrics = await withToken(token, 'get --raw /metrics')
    expect(metrics.stderr).toContain('cannot get path "/metrics"')
    expect(await quiet('get --raw /metrics')).toMatch(
      /^# TYPE astern_proxy_requests_total counter$/m,
    )
    await quiet(
      'create clusterrolebinding bot-monitors --clusterrole=system:monitoring --serviceaccount=default:bot',
    )
    expect(await withToken(token, 'get --raw /metrics')).toMatchObject({ code: 0 })
    await quiet('delete serviceaccount bot')
    expect((await withToken(token, 'get pods')).stderr).toBe(
      'error: You must be logged in to the server (Unauthorized)\n',
    )
  })

  test('fills a Secret that asks for a token', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'kept', annotations: { 'kubernetes.io/service-account.name': 'default' } },
      type: 'kubernetes.io/service-account-token',
    }
    await quiet('create -f -', stringify(secret))
    const path = 'get secret kept -o jsonpath={.data.token}'
    await expect.poll(() => quiet(path), eventually).not.toBe('')
    const token = Buffer.from(await quiet(path), 'base64').toString()
    expect((await withToken(token, 'auth whoami')).stdout).toContain(
      'system:serviceaccount:default:default',
    )
    await quiet('delete secret kept')
    expect((await withToken(token, 'auth whoami')).code).toBe(1)
  })

  test('acts as somebody else, and asks what he may', async () => {
    await quiet('create clusterrole scaler --verb=get,patch --resource=deployments/scale')
    await quiet('create clusterrolebinding scalers --clusterrole=scaler --group=team')
    const asAnn = '--as=ann --as-group=team --as-uid=7'
    const who = await quiet(`auth whoami ${asAnn}`)
    expect(who).toMatch(/^Username +ann$/m)
    expect(who).toMatch(/^UID +7$/m)
    expect(who).toMatch(/^Groups +\[team system:authenticated\]$/m)
    expect(await quiet(`auth can-i patch deployments --subresource=scale ${asAnn}`)).toBe('yes\n')
    expect(await admin(`auth can-i delete deployments ${asAnn}`)).toMatchObject({
      code: 1,
      stdout: 'no\n',
    })
    const list = await quiet(`auth can-i --list ${asAnn}`)
    expect(list).toMatch(/^deployments\.apps\/scale +\[\] +\[\] +\[get patch\]$/m)
    const refused = await admin(`create deployment d --image=i ${asAnn}`)
    expect(refused.stderr).toContain(
      'deployments.apps is forbidden: User "ann" cannot create resource "deployments" in API group "apps" in the namespace "default"',
    )
  })

  test('shows the built-in roles; nobody gives away what he has not got', async () => {
    expect(await quiet('get clusterroles view edit admin cluster-admin -o name')).toBe(
      ['view', 'edit', 'admin', 'cluster-admin']
        .map((name) => `clusterrole.rbac.authorization.k8s.io/${name}\n`)
        .join(''),
    )
    expect(await quiet('describe clusterrole cluster-admin')).toMatch(/\*\.\* +\[\] +\[\] +\[\*\]/)
    await quiet('create clusterrolebinding ben --clusterrole=admin --user=ben')
    const refused = await admin(
      'create clusterrolebinding up --clusterrole=cluster-admin --user=ben --as=ben',
    )
    expect(refused.stderr).toContain('User "ben" cannot create resource "clusterrolebindings"')
    const grant = await admin(
      'create rolebinding up --clusterrole=cluster-admin --user=ben --as=ben',
    )
    expect(grant.stderr).toContain(
      'user "ben" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
    )
    await quiet('create rolebinding down --clusterrole=view --user=ann --as=ben')
  })

  test('a role labelled for `view` adds to it', async () => {
    await quiet('create clusterrole nodes-too --verb=list --resource=nodes')
    await quiet('label clusterrole nodes-too rbac.authorization.k8s.io/aggregate-to-view=true')
    const rules = () => quiet('get clusterrole admin -o jsonpath={.rules[*].resources}')
    await expect.poll(rules, eventually).toContain('"nodes"')
  })
})

test('who asked for what is in the audit log, which is the owner’s alone', async () => {
  const path = join(given.dataDir, 'audit.log')
  const denied = async () => {
    const lines = (await readFile(path, 'utf8')).trim().split('\n')
    const events = lines.map((line) => JSON.parse(line))
    return events.find(({ impersonatedUser }) => impersonatedUser?.username === 'mallory')
  }
  await admin('get secrets --as=mallory')
  await expect.poll(denied, eventually).toMatchObject({
    verb: 'list',
    user: { username: 'kubernetes-admin' },
    objectRef: { resource: 'secrets', namespace: 'default' },
    responseStatus: { code: 403, reason: 'Forbidden' },
  })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(join(given.dataDir, 'pki', 'service-account.key'))).mode & 0o777).toBe(0o600)
})
