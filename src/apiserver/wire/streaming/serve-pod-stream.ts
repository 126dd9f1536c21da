import type { ObjectKey } from '../../../api/object.ts'
import { badRequest } from '../../../api/status-error.ts'
import type { Context } from '../../../base/context.ts'
import type { AskedExec, PodStreams } from '../../pod-streams.ts'
import type { Exchange } from '../exchange.ts'
import { booleanOf } from '../options.ts'
import { statusOf } from '../respond.ts'
import { portForwardProtocols, servePortForward } from './port-forward.ts'
import { commandProtocols, serveRemoteCommand } from './remote-command.ts'
import { WebSocket } from './websocket.ts'
import { type Handshake, webSocketHandshake } from './websocket-handshake.ts'

interface StreamServer {
  readonly streams: PodStreams
  readonly context: Context
}

/** Serves one of `streamSubresources`. What is wrong before the upgrade is an ordinary error. */
export async function servePodStream(
  exchange: Exchange,
  { streams, context }: StreamServer,
  { key, subresource }: { readonly key: ObjectKey; readonly subresource: string },
): Promise<void> {
  const { caller, query, signal } = exchange
  const accept = (handshake: Handshake) =>
    WebSocket.accept(handshake, { clock: context.clock, signal })
  if (subresource === 'portforward') {
    const ports = streams.podPortForward(caller, key)
    return servePortForward(accept(webSocketHandshake(exchange, portForwardProtocols)), ports)
  }
  const options = execOptions(query)
  const start =
    subresource === 'exec'
      ? streams.podExec(caller, key, options)
      : streams.podAttach(caller, key, options)
  return serveRemoteCommand(accept(webSocketHandshake(exchange, commandProtocols)), {
    start,
    statusOf: (error) => statusOf(error, context.log),
    signal,
    hasStdout: options.stdout,
    hasStderr: options.stderr,
  })
}

/** The query of exec and attach. A terminal has one output: there is no stderr beside it. */
export function execOptions(query: URLSearchParams): AskedExec {
  const [stdin, stdout, hasStderr, tty] = ['stdin', 'stdout', 'stderr', 'tty'].map((name) =>
    booleanOf(query, name),
  ) as [boolean, boolean, boolean, boolean]
  const stderr = hasStderr && !tty
  if (!stdin && !stdout && !stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  }
  const container = query.get('container') || undefined
  return { container, command: query.getAll('command'), stdin, stdout, stderr, tty }
}
