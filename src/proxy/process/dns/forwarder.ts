import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { Address } from '../../protocol.ts'
import type { Resolvers } from './resolvers.ts'
import { StreamMessages, streamBytes } from './stream-messages.ts'

/** Until the next resolver is asked. */
const patienceMs = 2_000
/** Queries under way at once; what comes beyond fails. */
const queriesMax = 500

/** Asks this machine's resolvers, in their order, until one answers. */
export class Forwarder {
  readonly #resolvers: Resolvers
  #queries = 0

  constructor(resolvers: Resolvers) {
    this.#resolvers = resolvers
  }

  /** The answer as it came; undefined when nobody answers. */
  async ask(query: Buffer, isByTcp: boolean): Promise<Buffer | undefined> {
    if (this.#queries >= queriesMax) return undefined
    this.#queries++
    try {
      for (const resolver of this.#resolvers.find()) {
        const answer = await (isByTcp ? askByTcp(query, resolver) : askByUdp(query, resolver))
        if (answer) return answer
      }
      return undefined
    } finally {
      this.#queries--
    }
  }
}

/** From a port of its own, connected: nobody else's answer is heard. */
function askByUdp(query: Buffer, { ip, port }: Address): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const end = (answer?: Buffer) => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(end, patienceMs)
    socket.once('error', () => end())
    socket.on('message', (message) => {
      if (isAnswerTo(query, message)) end(message)
    })
    socket.connect(port, ip, () => socket.send(query))
  })
}

function askByTcp(query: Buffer, { ip, port }: Address): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, ip)
    const end = (answer?: Buffer) => {
      socket.destroy()
      resolve(answer)
    }
    const messages = new StreamMessages((message) => {
      if (isAnswerTo(query, message)) end(message)
    })
    socket.setTimeout(patienceMs, () => end())
    socket.on('error', () => end())
    socket.on('close', () => resolve(undefined))
    socket.on('data', (chunk: Buffer) => messages.take(chunk))
    socket.on('connect', () => socket.write(streamBytes(query)))
  })
}

/** The same id, and said by one who answers. */
function isAnswerTo(query: Buffer, message: Buffer): boolean {
  if (message.length < 12) return false
  return message.readUInt16BE(0) === query.readUInt16BE(0) && (message.readUInt8(2) & 0x80) !== 0
}
