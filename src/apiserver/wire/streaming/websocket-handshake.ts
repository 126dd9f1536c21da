import { createHash } from 'node:crypto'
import { badRequest, StatusError } from '../../../api/status-error.ts'
import { type Exchange, headerOf, type UpgradableConnection } from '../exchange.ts'

/** RFC 6455, section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface Handshake {
  readonly connection: UpgradableConnection
  /** The first of ours that the client asks for. */
  readonly protocol: string
  /** The value of `Sec-WebSocket-Accept`. */
  readonly accept: string
}

/**
 * What a request for an upgrade is answered with. Throws BadRequest for everything that is no
 * WebSocket or speaks none of `protocols`, Forbidden for a web page of somebody else: browsers
 * send the user's client certificate along.
 */
export function webSocketHandshake(exchange: Exchange, protocols: readonly string[]): Handshake {
  const { request, upgrade } = exchange
  const header = (name: string) => headerOf(request, name) ?? ''
  if (!upgrade) throw badRequest('Upgrade request required')
  if (header('upgrade').toLowerCase() !== 'websocket') throw badRequest(webSocketOnly)
  const key = header('sec-websocket-key')
  if (header('sec-websocket-version') !== '13' || Buffer.from(key, 'base64').length !== 16) {
    throw badRequest('the request is no WebSocket handshake of version 13')
  }
  if (isForeign(header('origin'), header('host'))) {
    throw new StatusError('Forbidden', `origin ${header('origin')} may not open WebSockets here`)
  }
  const asked = listOf(header('sec-websocket-protocol'))
  const protocol = protocols.find((one) => asked.includes(one))
  if (!protocol) {
    const texts = [asked.join(', ') || 'none', protocols.join(', ')]
    throw badRequest(`no WebSocket subprotocol in common: asked for ${texts[0]}; here: ${texts[1]}`)
  }
  const accept = createHash('sha1').update(`${key}${acceptSuffix}`).digest('base64')
  return { connection: upgrade, protocol, accept }
}

/** kubectl shows it when it knows only SPDY, or has been told to use only that. */
const webSocketOnly =
  'this server speaks WebSocket for exec, attach, cp and port-forward, not SPDY: use kubectl ' +
  '1.31 or later, with neither KUBECTL_REMOTE_COMMAND_WEBSOCKETS nor ' +
  'KUBECTL_PORT_FORWARD_WEBSOCKETS set to false'

function listOf(header: string): readonly string[] {
  return header
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function isForeign(origin: string, host: string): boolean {
  if (origin === '') return false
  return !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase()
}

export function switchingProtocols({ protocol, accept }: Handshake): string {
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    '\r\n',
  ].join('\r\n')
}
