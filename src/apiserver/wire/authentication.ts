import type { Http2ServerRequest } from 'node:http2'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { badRequest, StatusError } from '../../api/status-error.ts'
import type { AccessControl } from '../auth/access-control.ts'
import { anonymous, authenticatedGroup, type Identity } from '../auth/identity.ts'

/** Open to everyone who reaches the port: health and version. */
export function isPublicPath(path: string): boolean {
  return /^\/(?:healthz|livez|readyz)(?:\/[\w-]+)?\/?$/.test(path) || path === '/version'
}

function identityOf({ subject }: PeerCertificate): Identity | undefined {
  const user = [subject?.CN].flat()[0]
  if (!user) return undefined
  const organizations = [subject.O ?? []].flat()
  return { user, groups: [...organizations, authenticatedGroup] }
}

/**
 * The identity in the client certificate: CN is the user, each O a group. Undefined without a
 * certificate. Throws Unauthorized for one that our own authority has not signed, or that has
 * expired.
 */
function certified(socket: TLSSocket): Identity | undefined {
  const certificate = socket.getPeerCertificate()
  if (Object.keys(certificate ?? {}).length === 0) return undefined
  const identity = socket.authorized ? identityOf(certificate) : undefined
  if (!identity) throw unauthorized()
  return identity
}

/** Who makes a request. Throws Unauthorized. */
export type Authenticator = (request: Http2ServerRequest, path: string) => Promise<Identity>

/**
 * The certificate counts, else the token; a bad token is refused even where nobody needs to say who
 * he is.
 */
export function createAuthenticator(control: AccessControl): Authenticator {
  const identities = new WeakMap<object, Identity>()
  const onConnection = (request: Http2ServerRequest): Identity | undefined => {
    const connection = request.stream?.session ?? request.socket
    const identity = identities.get(connection) ?? certified(request.socket as TLSSocket)
    if (identity) identities.set(connection, identity)
    return identity
  }
  return async (request, path) => {
    const token = bearerToken(request)
    const known = onConnection(request)
    if (known) return known
    const identity = token === undefined ? undefined : await control.authenticateToken(token)
    if (!identity && (token !== undefined || !isPublicPath(path))) throw unauthorized()
    return identity ?? anonymous
  }
}

/** The token of an `Authorization: Bearer` header. Throws 400 when there are several headers. */
function bearerToken({ headers, rawHeaders }: Http2ServerRequest): string | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  if (names.filter((name) => name.toLowerCase() === 'authorization').length > 1) {
    throw badRequest('the header authorization must not come more than once')
  }
  return /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
}

function unauthorized(): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized')
}
