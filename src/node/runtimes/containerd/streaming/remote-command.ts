import type { Duplex } from 'node:stream'
import type { RemoteCommand } from '../../../../api/seams.ts'
import { writableSink } from '../../../writable-sink.ts'
import { SpdyConnection } from './spdy-connection.ts'

const protocol = 'v4.channel.k8s.io'

export interface CommandStreams {
  readonly tty: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

interface EndStatus {
  readonly status?: string
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly { reason?: string; message?: string }[] }
}

/**
 * Connects to a command or a container that the runtime's streaming server has ready at `url`.
 * Rejects when it cannot be started.
 */
export async function streamCommand(
  url: string,
  streams: CommandStreams,
  signal: AbortSignal,
): Promise<RemoteCommand> {
  const connection = await SpdyConnection.open(url, protocol, signal)
  const open = (streamtype: string) => connection.stream({ streamtype })
  const error = await open('error')
  const stdin = streams.stdin ? await open('stdin') : undefined
  const stdout = streams.stdout ? await open('stdout') : undefined
  const stderr = streams.stderr ? await open('stderr') : undefined
  const resize = streams.tty ? await open('resize') : undefined
  const exit = endOf(error).finally(() => connection.close())
  exit.catch(() => {})
  // Those are only written to.
  for (const stream of [stdin, resize]) stream?.resume()
  return {
    stdin: stdin && writableSink(stdin),
    stdout: stdout ?? nothing(),
    stderr: stderr ?? nothing(),
    resize: ({ columns, rows }) => {
      resize?.write(Buffer.from(`${JSON.stringify({ Width: columns, Height: rows })}\n`))
    },
    exit,
  }
}

/** The exit code, from the Status that ends it. */
async function endOf(error: Duplex): Promise<number> {
  const text = Buffer.concat(await error.toArray()).toString('utf8')
  if (text === '') throw new Error('the connection to the command was lost')
  const { status, message, reason, details } = JSON.parse(text) as EndStatus
  if (status === 'Success') return 0
  const code = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message
  if (reason === 'NonZeroExitCode' && code !== undefined) return Number(code)
  throw new Error(message ?? 'the command has failed')
}

async function* nothing(): AsyncIterable<Uint8Array> {}
