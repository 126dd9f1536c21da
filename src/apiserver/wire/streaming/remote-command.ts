import { type JsonObject, parseJson } from '../../../api/json.ts'
import type { RemoteCommand, TerminalSize } from '../../../api/seams.ts'
import type { StatusError } from '../../../api/status-error.ts'
import type { WebSocket } from './websocket.ts'
import { closeCode } from './websocket-frames.ts'

/** In order of preference (H-18); v5 adds the close of single channels. */
export const commandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

/** The first byte of every message. */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

export interface CommandOptions {
  /** Starts the command; what it rejects with reaches the client as a Status. */
  start(signal: AbortSignal): Promise<RemoteCommand>
  /** Tells an error as a Status. */
  statusOf(error: unknown): StatusError
  /** Aborts when the connection or the server is gone. */
  readonly signal: AbortSignal
  readonly hasStdout: boolean
  readonly hasStderr: boolean
}

/**
 * Runs one command for one client, over the channels of one WebSocket. The command ends when the
 * client is gone; the client is told its exit code and gets all of its output before.
 */
export async function serveRemoteCommand(
  socket: WebSocket,
  options: CommandOptions,
): Promise<void> {
  const gone = new AbortController()
  const abort = () => gone.abort()
  options.signal.addEventListener('abort', abort, { once: true })
  const command = options.start(gone.signal)
  const reading = hearClient(socket, command).finally(abort)
  await socket.send(firstMessage(options))
  const status = await runToEnd(socket, command).catch((error) =>
    // Nobody is there to be told, and what has been cut off on purpose is no fault.
    gone.signal.aborted ? undefined : options.statusOf(error).toStatus(),
  )
  if (status) await socket.send(Buffer.from([channel.error]), Buffer.from(JSON.stringify(status)))
  socket.close(closeCode.normal)
  await reading
  options.signal.removeEventListener('abort', abort)
}

/** Nothing, on the lowest channel that the client reads: the connection stands. */
function firstMessage({ hasStdout, hasStderr }: CommandOptions): Buffer {
  return Buffer.from([hasStdout ? channel.stdout : hasStderr ? channel.stderr : channel.error])
}

/** Resolves with the Status of the end, when all output has been sent. */
async function runToEnd(socket: WebSocket, starting: Promise<RemoteCommand>): Promise<object> {
  const command = await starting
  const [exitCode] = await Promise.all([
    command.exit,
    sendAll(socket, channel.stdout, command.stdout),
    sendAll(socket, channel.stderr, command.stderr),
  ])
  return exitStatus(exitCode)
}

async function sendAll(
  socket: WebSocket,
  to: number,
  output: AsyncIterable<Uint8Array>,
): Promise<void> {
  const head = Buffer.from([to])
  for await (const chunk of output) if (!(await socket.send(head, chunk))) return
}

function exitStatus(exitCode: number): JsonObject {
  if (exitCode === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: `${exitCode}` }] },
  }
}

/** Resolves when the client is gone or has been told the end. */
async function hearClient(socket: WebSocket, starting: Promise<RemoteCommand>): Promise<void> {
  for await (const message of socket.messages()) {
    const command = await starting.catch(() => undefined)
    const [to] = message
    const payload = message.subarray(1)
    if (to === channel.stdin && payload.length > 0) await command?.stdin?.write(payload)
    if (to === channel.close && payload[0] === channel.stdin) command?.stdin?.end()
    if (to === channel.resize) {
      const size = sizeOf(payload)
      if (size) command?.resize(size)
    }
  }
}

const sideMax = 65_535

/** undefined when it is no size that a terminal can have. */
function sizeOf(payload: Buffer): TerminalSize | undefined {
  try {
    const { Width, Height } = parseJson(payload.toString('utf8')) as JsonObject
    const isSide = (side: unknown): side is number =>
      Number.isInteger(side) && Number(side) > 0 && Number(side) <= sideMax
    return isSide(Width) && isSide(Height) ? { columns: Width, rows: Height } : undefined
  } catch {
    return undefined
  }
}
