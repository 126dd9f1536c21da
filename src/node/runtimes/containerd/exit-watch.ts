import { type Clock, sleep } from '../../../base/clock.ts'

const reconnectMs = 500
/** CRI takes in an end some time after containerd tells of it. */
const lookAgainMs = [0, 30, 150, 600]
/** SubscribeRequest { repeated string filters = 1 } */
const filter = Buffer.from('topic=="/tasks/exit"')
const request = Buffer.concat([Buffer.from([0x0a, filter.length]), filter])
const method = '/containerd.services.events.v1.Events/Subscribe'
/** Where CRI keeps what is its own. */
const namespace = 'k8s.io'

export interface ExitWatchOptions {
  readonly socketPath: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Something may have ended. */
  readonly onHint: () => void
}

/**
 * Listens for ends. CRI itself tells of them only from containerd 1.7 on; containerd's own events
 * are as old as it is. They are hints: whoever listens must look by himself now and then. Ends when
 * the signal aborts; never rejects.
 */
export async function watchExits(options: ExitWatchOptions): Promise<void> {
  const { clock, signal } = options
  while (!signal.aborted) {
    await listen(options)
    await sleep(clock, reconnectMs, signal)
    options.onHint()
  }
}

/** Until the connection is lost. */
async function listen({ socketPath, clock, signal, onHint }: ExitWatchOptions): Promise<void> {
  const { Client, Metadata, credentials } = await import('@grpc/grpc-js')
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
  })
  const metadata = new Metadata()
  metadata.set('containerd-namespace', namespace)
  const asIs = (bytes: Buffer) => bytes
  const stream = client.makeServerStreamRequest(method, asIs, asIs, request, metadata)
  const abort = () => stream.cancel()
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  await new Promise<void>((resolve) => {
    stream.on('data', () => {
      for (const delayMs of lookAgainMs) clock.setTimeout(onHint, delayMs)
    })
    stream.on('error', () => resolve())
    stream.on('end', () => resolve())
  })
  signal.removeEventListener('abort', abort)
  client.close()
}
