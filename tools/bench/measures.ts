import { once } from 'node:events'
import { connect } from 'node:net'
import { bulkBytes } from './peers.ts'

const connections = 32
const host = '127.0.0.1'

export interface Round {
  /** Requests; MiB of a bulk transfer. */
  readonly perSecond: number
  /** Of a request; of the whole of a transfer. */
  readonly p99Ms: number
}

/** How one client sees the `port` for a while. */
export type Measure = (port: number, request: Buffer, ms: number) => Promise<Round>

/** Each connection asks again as soon as it is answered; lasts until there is an answer. */
export const keepAlive: Measure = async (port, request, ms) => {
  const timesMs: number[] = []
  const fromMs = performance.now()
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ port, host, noDelay: true })
    let askedMs = performance.now()
    socket.on('data', () => {
      const nowMs = performance.now()
      timesMs.push(nowMs - askedMs)
      askedMs = nowMs
      socket.write(request)
    })
    socket.write(request)
    return socket
  })
  const isAnswered = Promise.race(sockets.map((socket) => once(socket, 'data')))
  await Promise.all([new Promise((done) => setTimeout(done, ms)), isAnswered])
  for (const socket of sockets) socket.destroy()
  return roundOf(timesMs, timesMs.length, performance.now() - fromMs)
}

/** A connection for each request. */
export const newConnections: Measure = async (port, request, ms) => {
  const timesMs: number[] = []
  const fromMs = performance.now()
  let isOver = false
  const loop = async () => {
    while (!isOver) {
      const askedMs = performance.now()
      const socket = connect({ port, host, noDelay: true })
      socket.write(request)
      await once(socket, 'data')
      socket.destroy()
      timesMs.push(performance.now() - askedMs)
    }
  }
  const loops = Array.from({ length: connections }, loop)
  await new Promise((done) => setTimeout(done, ms))
  isOver = true
  await Promise.all(loops)
  return roundOf(timesMs, timesMs.length, performance.now() - fromMs)
}

/** One large answer after another, at least one, each on a connection of its own. */
export const bulk: Measure = async (port, request, ms) => {
  const timesMs: number[] = []
  const fromMs = performance.now()
  do timesMs.push(await transferMs(port, request))
  while (performance.now() - fromMs < ms)
  const mebibytes = (timesMs.length * bulkBytes) / 2 ** 20
  return roundOf(timesMs, mebibytes, performance.now() - fromMs)
}

/** Rejects when the connection ends before all has come. */
function transferMs(port: number, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const askedMs = performance.now()
    let missing = bulkBytes
    // The client reads into one piece of memory: it is not what is measured.
    const callback = (length: number) => {
      missing -= length
      if (missing > 0) return true
      resolve(performance.now() - askedMs)
      socket.destroy()
      return false
    }
    const onread = { buffer: Buffer.allocUnsafeSlow(256 * 1024), callback }
    const socket = connect({ port, host, onread })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`the answer ended ${missing} bytes early`)))
    socket.write(request)
  })
}

function roundOf(timesMs: number[], done: number, ms: number): Round {
  timesMs.sort((a, b) => a - b)
  const p99Ms = timesMs[Math.floor(timesMs.length * 0.99)] ?? 0
  return { perSecond: (done * 1_000) / ms, p99Ms }
}
