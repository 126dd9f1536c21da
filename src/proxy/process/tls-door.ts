import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import type { TlsIdentity } from '../protocol.ts'

const handshakeMsMax = 10_000

/** Takes the TLS off the connections of one listener; its identity may change at any time. */
export class TlsDoor {
  readonly #server: Server
  #identity: TlsIdentity
  #context: SecureContext

  /** Throws when certificate and key are not a pair. */
  constructor(identity: TlsIdentity, onConnection: (socket: Socket) => void) {
    this.#identity = identity
    this.#context = contextOf(identity)
    this.#server = createServer({
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeMsMax,
      SNICallback: (name, answer) => this.#choose(name, answer),
      ...pairOf(identity),
    })
    this.#server.on('secureConnection', onConnection)
    this.#server.on('tlsClientError', (_, socket) => socket.destroy())
  }

  /** Throws when certificate and key are not a pair: then it goes on with the former ones. */
  update(identity: TlsIdentity): void {
    if (JSON.stringify(identity) === JSON.stringify(this.#identity)) return
    this.#context = contextOf(identity)
    this.#server.setSecureContext(pairOf(identity))
    this.#identity = identity
  }

  accept(socket: Socket): void {
    this.#server.emit('connection', socket)
  }

  #choose(name: string, answer: (error: Error | null, context?: SecureContext) => void): void {
    const { host } = this.#identity
    if (host === '' || name.toLowerCase() === host) answer(null, this.#context)
    else answer(new Error('another host name'))
  }
}

function pairOf({ certificate, key }: TlsIdentity) {
  return { cert: certificate, key }
}

function contextOf(identity: TlsIdentity): SecureContext {
  return createSecureContext(pairOf(identity))
}
