import { Command } from 'commander'
import type { EngineFacts } from '../../cluster/engine-record.ts'
import type { CliIo } from '../io.ts'
import { dataOption } from './data-option.ts'
import { type DetachMessage, startDetached } from './detach.ts'
import { processLogger } from './logger.ts'
import { mergeKubeconfig } from './merge-kubeconfig.ts'
import { type RunningEngine, runEngine } from './run-engine.ts'
import { completeUp, type UpFlags, type UpOptions } from './up-options.ts'

/** What `-o json` prints. */
function report(pid: number, { server, kubeconfig }: EngineFacts, isJson: boolean): string {
  if (isJson) return `${JSON.stringify({ pid, server, kubeconfig, dashboard: null })}\n`
  return `astern is up: ${server} (process ${pid})\nexport KUBECONFIG=${kubeconfig}\n`
}

/**
 * Resolves when a signal asks to end: Ctrl-C ends everything, SIGTERM leaves the pods (design: the
 * command line).
 */
function untilAskedToEnd(): Promise<{ readonly keepPods: boolean }> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve({ keepPods: false }))
    process.once('SIGTERM', () => resolve({ keepPods: true }))
    process.once('SIGHUP', () => resolve({ keepPods: true }))
  })
}

async function end(running: RunningEngine, io: CliIo): Promise<void> {
  const how = await untilAskedToEnd()
  process.once('SIGINT', () => process.exit(130))
  if (!how.keepPods) io.stderr.write('ending pods and engine; once more Ctrl-C leaves at once\n')
  await running.stop(how)
}

/** In the foreground: until a signal. A parent that waits is told by a message when all is up. */
async function upHere(options: UpOptions, io: CliIo): Promise<void> {
  const log = processLogger(io.env.ASTERN_LOG ?? 'warn')
  const tell = process.send ? (message: DetachMessage) => process.send?.(message) : undefined
  try {
    const running = await runEngine(options, log)
    if (options.mergeKubeconfig) await mergeKubeconfig(io, running.facts.kubeconfig)
    if (tell) {
      tell({ type: 'up', facts: running.facts })
      process.disconnect?.()
    } else io.stdout.write(report(process.pid, running.facts, options.isJson))
    await end(running, io)
  } catch (error) {
    if (!tell) throw error
    tell({ type: 'failed', message: (error as Error).message })
    throw error
  }
}

export function upCommand(io: CliIo): Command {
  return new Command('up')
    .description('start the engine: API, controllers, node and proxy on this machine')
    .option(...dataOption)
    .option(
      '--listen <host:port>',
      'where the API listens; port 0 takes a free one',
      '127.0.0.1:6443',
    )
    .option('--service-listen <addr>', 'where NodePort and LoadBalancer ports listen', '127.0.0.1')
    .option(
      '--access-log <file>',
      'a file in which each request to a Service becomes a line of JSON',
    )
    .option('--service-cidr <cidr>', 'range of cluster IPs, fixed at the first start')
    .option('--kubeconfig <file>', 'where the kubeconfig is written (default: DATA/kubeconfig)')
    .option('--merge-kubeconfig', 'also add the engine to ~/.kube/config')
    .option(
      '--runtime <name>',
      'process, containerd or simulated, fixed at the first start (default: process)',
    )
    .option(
      '--cri-socket <path>',
      'where containerd listens (default: /run/containerd/containerd.sock)',
    )
    .option(
      '--pod-network <name>',
      'host, or cni: a network and an address for each pod (as root); fixed at the first start',
    )
    .option('--cni-conf-dir <dir>', 'a CNI network to take instead of the own bridge')
    .option('--nodes <n>', 'number of nodes (simulated only)')
    .option('--detach', 'return when the API answers and the nodes are Ready')
    .option('-o, --output <format>', 'json')
    .action(async (flags: UpFlags) => {
      const options = completeUp(flags, io)
      if (!flags.detach) return upHere(options, io)
      const { pid, facts } = await startDetached(options, io)
      io.stdout.write(report(pid, facts, options.isJson))
    })
}
