import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeKubeconfig } from '../src/apiserver/wire/kubeconfig.ts'
import { type ServedApi, serveApi } from '../src/apiserver/wire/served-api.fixture.ts'
import { kubectlBinary } from './kubectl-binary.ts'

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A stock kubectl of one version against an API server without controllers. */
export interface KubectlAgainstApi {
  readonly api: ServedApi
  /** Runs kubectl; `input` is its standard input. */
  run(args: readonly string[], input?: string): Promise<Output>
  /** The standard output of a run that must succeed without a word on standard error. */
  quiet(...args: readonly string[]): Promise<string>
  /** Starts kubectl and hands over its output as it comes. */
  start(args: readonly string[], onOutput: (text: string) => void): ChildProcess
  /** Writes a manifest; returns its path. */
  file(name: string, content: string): Promise<string>
  close(): Promise<void>
}

export async function kubectlAgainstApi(version: '36' | '33'): Promise<KubectlAgainstApi> {
  const api = await serveApi()
  const dir = await mkdtemp(join(tmpdir(), 'astern-kubectl-'))
  const kubeconfig = join(dir, 'kubeconfig')
  const client = await api.pki.client('admin')
  const { caCertificate } = api.pki
  await writeKubeconfig(kubeconfig, { server: api.url, caCertificate, client })
  const binary = kubectlBinary(version)
  const env = { ...process.env, HOME: dir, KUBECONFIG: kubeconfig, TZ: 'UTC' }
  const run = (args: readonly string[], input?: string): Promise<Output> =>
    new Promise((resolve) => {
      const child = execFile(binary, [...args], { env, cwd: dir }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
      })
      child.stdin?.end(input)
    })
  return {
    api,
    run,
    async quiet(...args) {
      const { code, stdout, stderr } = await run(args)
      if (code !== 0 || stderr !== '')
        throw new Error(`kubectl ${args.join(' ')}: ${code} ${stderr}`)
      return stdout
    },
    start(args, onOutput) {
      const child = spawn(binary, [...args], {
        env,
        cwd: dir,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout?.setEncoding('utf8').on('data', onOutput)
      return child
    },
    async file(name, content) {
      const path = join(dir, name)
      await writeFile(path, content)
      return path
    },
    async close() {
      await api.close()
      await rm(dir, { recursive: true })
    },
  }
}
