import type { Pod } from '../../api/generated/types.ts'
import type {
  AttachOptions,
  ExecOptions,
  LogOptions,
  PodConnector,
  PortConnection,
  RemoteCommand,
} from '../../api/seams.ts'
import { badRequest, StatusError } from '../../api/status-error.ts'
import type { ContainerRecord, Runtime } from '../runtime.ts'
import type { Agent } from './agent.ts'
import { podContainers } from './pod-containers.ts'
import { connectToPod } from './port-connection.ts'

export interface LocalNode {
  readonly agent: Agent
  readonly runtime: Runtime
}

type FindNode = (name: string) => LocalNode | undefined

/**
 * Answers the API server's questions about pods; `nodeOf` finds the node that a pod is bound to.
 */
export function podConnector(nodeOf: FindNode): PodConnector {
  return {
    log(pod: Pod, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
      const node = nodeOf(pod.spec?.nodeName ?? '')
      const record = node?.agent.attempt(pod, options.container, options.previous === true)
      if (node && record) return node.runtime.readLog(record, options, signal)
      const where = `container "${options.container}" in pod "${pod.metadata.name}"`
      if (options.previous) {
        throw badRequest(`previous terminated ${where} not found`)
      }
      const reason = waitingReason(pod, options.container)
      throw badRequest(`${where} is waiting to start: ${reason}`)
    },
    exec: async (pod, options, signal) => exec(running(nodeOf, pod, options), options, signal),
    attach: async (pod, options, signal) => {
      checkStdin(pod, options)
      return attach(running(nodeOf, pod, options), options, signal)
    },
    portForward: async (pod, port, signal) => portForward(nodeOf, { pod, port }, signal),
  }
}

function waitingReason(pod: Pod, container: string): string {
  const statuses = pod.status?.containerStatuses ?? []
  const status = statuses.find(({ name }) => name === container)
  return status?.state?.waiting?.reason ?? 'ContainerCreating'
}

function internal(text: string): StatusError {
  return new StatusError('InternalError', `Internal error occurred: ${text}`)
}

interface Running {
  readonly runtime: Runtime
  readonly record: ContainerRecord
}

/** Throws what a kubelet says of a container that does not run. */
function running(nodeOf: FindNode, pod: Pod, { container }: AttachOptions): Running {
  const node = nodeOf(pod.spec?.nodeName ?? '')
  const record = node?.agent.attempt(pod, container, false)
  if (node && record?.state.phase === 'running') return { runtime: node.runtime, record }
  throw internal(`unable to upgrade connection: container not found ("${container}")`)
}

async function exec(
  { runtime, record }: Running,
  options: ExecOptions,
  signal: AbortSignal,
): Promise<RemoteCommand> {
  const fail = ({ message }: Error): never => {
    throw internal(`error executing command in container: ${message}`)
  }
  const command = await runtime.execStream(record, options, signal).catch(fail)
  return { ...command, exit: command.exit.catch(fail) }
}

function checkStdin(pod: Pod, { container, stdin }: AttachOptions): void {
  const spec = podContainers(pod).find(({ spec: { name } }) => name === container)?.spec
  if (!stdin || spec?.stdin) return
  throw badRequest(
    `container "${container}" was started without standard input, so none can be attached: ` +
      'give it "stdin: true", leave out -i to see its output, or use exec -i to run a command beside it',
  )
}

async function attach(
  { runtime, record }: Running,
  options: AttachOptions,
  signal: AbortSignal,
): Promise<RemoteCommand> {
  if (runtime.attach) return runtime.attach(record, options, signal)
  const { container, ...wanted } = options
  const output = (stream: 'stdout' | 'stderr') =>
    wanted[stream]
      ? runtime.readLog(record, { container, follow: true, tailLines: 0, stream }, signal)
      : nothing()
  return {
    stdin: undefined,
    stdout: output('stdout'),
    stderr: output('stderr'),
    resize: () => {},
    // What the container ended with stands in its status; to have seen its end is a success.
    exit: Promise.resolve(0),
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}

function portForward(
  nodeOf: FindNode,
  target: { readonly pod: Pod; readonly port: number },
  signal: AbortSignal,
): Promise<PortConnection> {
  const runtime = nodeOf(target.pod.spec?.nodeName ?? '')?.runtime
  if (runtime === undefined) throw new Error('the node of the pod is not running')
  if (runtime.name === 'simulated') throw new Error('a simulated pod listens on no port')
  const { uid = '' } = target.pod.metadata
  if (runtime.connectPort) return runtime.connectPort(uid, target.port, signal)
  return connectToPod(target.pod, target.port, signal)
}
