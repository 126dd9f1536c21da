import { Command } from 'commander'
import { isPodReady } from '../../api/pod-facts.ts'
import { nodes, pods } from '../../api/scheme.ts'
import { humanDuration } from '../../apiserver/wire/tables/age.ts'
import { type Context, systemContext } from '../../base/context.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { loadKubeconfig } from '../../client/kubeconfig.ts'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { type EngineRecord, runningEngine } from '../../cluster/engine-record.ts'
import type { CliIo } from '../io.ts'
import { dataOption, openDataDirOf } from './data-option.ts'

interface Counts {
  readonly nodes: number
  readonly pods: number
  readonly readyPods: number
}

/** Asked of the API itself: an engine that runs but does not answer is an error. */
async function count(context: Context, { kubeconfig }: EngineRecord): Promise<Counts> {
  const transport = new HttpTransport(context, {
    access: await loadKubeconfig({ files: [kubeconfig] }),
  })
  try {
    const [nodeList, podList] = await Promise.all([
      transport.list(nodes, {}),
      transport.list(pods, {}),
    ])
    const readyPods = podList.items.filter(isPodReady).length
    return { nodes: nodeList.items.length, pods: podList.items.length, readyPods }
  } finally {
    transport.close()
  }
}

function describe(record: EngineRecord, counts: Counts, nowMs: number): string {
  const { pid, server, runtime, serviceCidr, podCidr, kubeconfig, startedAt } = record
  const rows: readonly (readonly [string, string])[] = [
    ['API', server],
    ['Up', `${humanDuration(nowMs - Date.parse(startedAt))}, process ${pid}`],
    ['Runtime', runtime],
    ['Services', serviceCidr],
    ...(podCidr === undefined ? [] : [['Network', `cni, pods in ${podCidr}`] as const]),
    ['Nodes', String(counts.nodes)],
    ['Pods', `${counts.pods}, ${counts.readyPods} ready`],
    ['Kubeconfig', kubeconfig],
  ]
  return rows.map(([name, value]) => `${`${name}:`.padEnd(12)}${value}\n`).join('')
}

export function statusCommand(io: CliIo): Command {
  return new Command('status')
    .description('what runs here, where, and since when; exit code 1 if nothing does')
    .option(...dataOption)
    .option('-o, --output <format>', 'json')
    .action(async (flags: { data?: string; output?: string }) => {
      const directory = dataDirectory(openDataDirOf(io, flags.data))
      const record = await runningEngine(directory)
      const isJson = flags.output === 'json'
      if (!record) {
        const json = JSON.stringify({ running: false, dataDir: directory.path })
        const text = `no engine runs on ${directory.path}; start one with: astern up --data ${directory.path}`
        io.stdout.write(`${isJson ? json : text}\n`)
        process.exitCode = 1
        return
      }
      const counts = await count(systemContext(), record)
      const { pid, startTime: _, bootId: __, ...facts } = record
      const json = { running: true, pid, ...facts, dataDir: directory.path, ...counts }
      io.stdout.write(
        isJson ? `${JSON.stringify(json)}\n` : describe(record, counts, io.clock.now()),
      )
    })
}
