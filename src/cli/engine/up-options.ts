import { accessSync, constants } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, resolve } from 'node:path'
import { type PodNetworkName, type RuntimeName, runtimeNames } from '../../cluster/settings.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { dataDirOf } from './data-option.ts'

/** `astern up` as it was typed. */
export interface UpFlags {
  readonly data?: string
  readonly listen: string
  readonly serviceListen: string
  readonly accessLog?: string
  readonly serviceCidr?: string
  readonly kubeconfig?: string
  readonly mergeKubeconfig?: boolean
  readonly runtime?: string
  readonly podNetwork?: string
  readonly cniConfDir?: string
  readonly criSocket?: string
  readonly nodes?: string
  readonly detach?: boolean
  readonly output?: string
}

export interface UpOptions {
  readonly dataDir: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly serviceListen: string
  readonly accessLog: string | undefined
  readonly serviceCidr: string | undefined
  readonly kubeconfig: string | undefined
  readonly mergeKubeconfig: boolean
  readonly runtime: RuntimeName | undefined
  readonly podNetwork: PodNetworkName | undefined
  readonly cniConfDir: string | undefined
  readonly criSocket: string | undefined
  readonly nodes: number
  readonly isJson: boolean
}

const usage = (message: string, hint?: string) => new CliError(message, { hint, code: 2 })

function parseListen(text: string): UpOptions['listen'] {
  const match = /^\[?([^[\]]*?)\]?:(\d{1,5})$/.exec(text)
  const [, host = '', portText = ''] = match ?? []
  const port = Number(portText)
  if (!match || (host !== 'localhost' && isIP(host) === 0) || port > 65_535) {
    throw usage(
      `--listen ${text} is not HOST:PORT`,
      'for example --listen 127.0.0.1:6443; port 0 takes a free one',
    )
  }
  return { host, port }
}

function parseRuntime(text: string | undefined): RuntimeName | undefined {
  const known = runtimeNames.find((name) => name === text)
  if (known || text === undefined) return known
  throw usage(`--runtime ${text} is unknown`, 'take process, containerd or simulated')
}

function parseCriSocket(
  text: string | undefined,
  runtime: RuntimeName | undefined,
  cwd: string,
): string | undefined {
  if (text === undefined) return undefined
  if (runtime === undefined || runtime === 'containerd') return resolve(cwd, text)
  throw usage('--cri-socket needs --runtime containerd')
}

function parsePodNetwork(
  text: string | undefined,
  runtime: RuntimeName | undefined,
): PodNetworkName | undefined {
  if (text === undefined || text === 'host') return text
  if (text !== 'cni') throw usage(`--pod-network ${text} is unknown`, 'take host or cni')
  if (runtime === undefined || runtime === 'process') return text
  throw usage('--pod-network cni is for process pods', `leave it out with --runtime ${runtime}`)
}

function parseConfDir(flags: UpFlags, cwd: string): string | undefined {
  if (flags.cniConfDir === undefined) return undefined
  if (flags.podNetwork === 'cni') return resolve(cwd, flags.cniConfDir)
  throw usage('--cni-conf-dir needs --pod-network cni')
}

function parseNodes(text: string | undefined, runtime: RuntimeName | undefined): number {
  if (text === undefined) return 1
  const nodes = Number(text)
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 5000) {
    throw usage(`--nodes ${text} is not a number from 1 to 5000`)
  }
  if (runtime === 'simulated' || nodes === 1) return nodes
  throw usage('--nodes needs --runtime simulated', 'other runtimes are this machine, one node')
}

function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text
  throw usage(`--service-listen ${text} is not an IP address`, 'for example 127.0.0.1 or 0.0.0.0')
}

/** The proxy writes it, from wherever it runs. */
function parseAccessLog(text: string | undefined, cwd: string): string | undefined {
  if (text === undefined) return undefined
  const path = resolve(cwd, text)
  try {
    accessSync(dirname(path), constants.W_OK)
    return path
  } catch (error) {
    throw usage(`--access-log ${text}: ${(error as Error).message}`, 'its folder must be there')
  }
}

function parseCidr(text: string | undefined): string | undefined {
  const match = /^((?:\d{1,3}\.){3}\d{1,3})\/(\d{1,2})$/.exec(text ?? '')
  if (text === undefined) return undefined
  const bits = Number(match?.[2])
  if (match && isIP(match[1] ?? '') === 4 && bits >= 8 && bits <= 28) return text
  throw usage(`--service-cidr ${text} is not an IPv4 range`, 'for example 127.90.0.0/16')
}

/** Checks the flags; throws CliError with exit code 2. */
export function completeUp(flags: UpFlags, io: Pick<CliIo, 'env' | 'cwd'>): UpOptions {
  if (flags.output !== undefined && flags.output !== 'json') {
    throw usage(`-o ${flags.output} is unknown`, 'the only output format is json')
  }
  const runtime = parseRuntime(flags.runtime)
  return {
    dataDir: dataDirOf(io, flags.data),
    listen: parseListen(flags.listen),
    serviceListen: parseAddress(flags.serviceListen),
    accessLog: parseAccessLog(flags.accessLog, io.cwd),
    serviceCidr: parseCidr(flags.serviceCidr),
    kubeconfig: flags.kubeconfig,
    mergeKubeconfig: flags.mergeKubeconfig === true,
    runtime,
    podNetwork: parsePodNetwork(flags.podNetwork, runtime),
    cniConfDir: parseConfDir(flags, io.cwd),
    criSocket: parseCriSocket(flags.criSocket, runtime, io.cwd),
    nodes: parseNodes(flags.nodes, runtime),
    isJson: flags.output === 'json',
  }
}
