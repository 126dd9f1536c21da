import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectory, makeDataDirectory } from '../../cluster/data-directory.ts'
import type { EngineFacts } from '../../cluster/engine-record.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import type { UpOptions } from './up-options.ts'

/** What the engine's process tells the one that started it. */
export type DetachMessage =
  | { readonly type: 'up'; readonly facts: EngineFacts }
  | { readonly type: 'failed'; readonly message: string }

function flagsOf(options: UpOptions): string[] {
  const { host, port } = options.listen
  const given: readonly (readonly [string, string | undefined])[] = [
    ['--data', options.dataDir],
    ['--listen', `${host.includes(':') ? `[${host}]` : host}:${port}`],
    ['--service-listen', options.serviceListen],
    ['--access-log', options.accessLog],
    ['--service-cidr', options.serviceCidr],
    ['--kubeconfig', options.kubeconfig],
    ['--runtime', options.runtime],
    ['--pod-network', options.podNetwork],
    ['--cni-conf-dir', options.cniConfDir],
    ['--cri-socket', options.criSocket],
    ['--nodes', options.nodes === 1 ? undefined : String(options.nodes)],
  ]
  const flags = given.flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
  return options.mergeKubeconfig ? [...flags, '--merge-kubeconfig'] : flags
}

/** Starts `up` as a process of its own, in the background; resolves when it is up. */
export function startDetached(
  options: UpOptions,
  io: CliIo,
): Promise<{ readonly pid: number; readonly facts: EngineFacts }> {
  const directory = dataDirectory(options.dataDir)
  makeDataDirectory(directory)
  const logFile = join(directory.run, 'engine.log')
  const log = openSync(logFile, 'a', 0o600)
  const [node, ...nodeFlags] = [process.execPath, ...process.execArgv, process.argv[1] ?? '']
  const child = spawn(node, [...nodeFlags, 'up', ...flagsOf(options)], {
    cwd: io.cwd,
    env: io.env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  return new Promise((resolve, reject) => {
    const fail = (message: string) =>
      reject(new CliError(message, { hint: `the engine's log is ${logFile}` }))
    child.on('error', (error) => fail(`the engine could not be started: ${error.message}`))
    child.on('exit', (code, signal) => fail(`the engine ended at once (${signal ?? code})`))
    child.on('message', (message: DetachMessage) => {
      if (message.type === 'failed') {
        reject(new CliError(message.message))
        return
      }
      child.unref()
      child.disconnect()
      resolve({ pid: child.pid ?? 0, facts: message.facts })
    })
  })
}
