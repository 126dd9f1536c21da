import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { deleteSnapshot } from '../../src/node/images/snapshot.ts'
import { ImageStore } from '../../src/node/images/store.ts'
import { EngineProcess } from '../engine-process.fixture.ts'
import { kubectlBinary } from '../kubectl-binary.ts'
import { canMakeNamespaces, NetworkNamespace } from '../network-namespace.fixture.ts'
import { addVersion, deployment } from '../traffic/versioned-app.ts'

const run = promisify(execFile)
/** For documentation: nobody has it. */
const address = '192.0.2.7'
const dataDir = mkdtempSync(join(tmpdir(), 'astern-service-listen-'))
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'app' },
  spec: {
    type: 'LoadBalancer',
    selector: { app: 'app' },
    ports: [{ port: 8000, targetPort: 8080 }],
  },
}

let namespace: NetworkNamespace
let engine: EngineProcess

async function inNamespace(...words: readonly string[]): Promise<string> {
  const [command = '', ...args] = namespace.command(...words)
  return (await run(command, args)).stdout.trimEnd()
}

const kubectl = (...args: readonly string[]) =>
  inNamespace(kubectlBinary('36'), '--kubeconfig', engine.kubeconfig, ...args)

/** The body of the answer, or the code of why there is none. */
const asked = (url: string) =>
  inNamespace(
    process.execPath,
    '-e',
    `fetch('${url}').then((a) => a.text(), (e) => e.cause.code).then(console.log)`,
  )

// A container may be forbidden to make network namespaces.
describe.runIf(canMakeNamespaces)(`astern up --service-listen ${address}`, () => {
  beforeAll(async () => {
    namespace = await NetworkNamespace.with(address)
    const flags = ['--service-listen', address]
    engine = await EngineProcess.startBy((...command) => namespace.command(...command), {
      dataDir,
      flags,
    })
    await addVersion({ images: new ImageStore(dataDir) }, '1.0.0')
    const file = join(dataDir, 'app.json')
    const list = { apiVersion: 'v1', kind: 'List', items: [deployment('1.0.0', 1), service] }
    writeFileSync(file, JSON.stringify(list))
    await kubectl('apply', '-f', file)
    await kubectl('rollout', 'status', 'deployment/app', '--timeout=60s')
  }, 60_000)

  afterAll(async () => {
    await engine?.kill('SIGTERM')
    await inNamespace(process.execPath, 'bin/astern', 'down', '--data', dataDir)
    await namespace.end()
    await deleteSnapshot(dataDir)
  })

  test('a load balancer and its node port listen there, and nowhere else; the status says where', async () => {
    const { spec, status } = await vi.waitFor(
      async () => {
        const seen = JSON.parse(await kubectl('get', 'service', 'app', '-o', 'json'))
        expect(seen.status.loadBalancer.ingress).toBeDefined()
        return seen
      },
      { timeout: 20_000, interval: 100 },
    )
    expect(status.loadBalancer).toEqual({ ingress: [{ ip: address, ipMode: 'VIP' }] })
    const { nodePort } = spec.ports[0]
    expect(await asked(`http://${address}:8000/`)).toBe('1.0.0')
    expect(await asked(`http://${address}:${nodePort}/`)).toBe('1.0.0')
    expect(await asked('http://127.0.0.1:8000/')).toBe('ECONNREFUSED')
    expect(await asked(`http://127.0.0.1:${nodePort}/`)).toBe('ECONNREFUSED')
  })
})
