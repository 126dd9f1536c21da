import type { PeerCertificate, TLSSocket } from 'node:tls'
import { StatusError } from '../../api/status-error.ts'
import { authenticatedGroup, type Identity } from '../auth/identity.ts'

/** Open to everyone who reaches the port: health and version. */
export function isPublicPath(path: string): boolean {
  return /^\/(?:healthz|livez|readyz)(?:\/.*)?$/.test(path) || path === '/version'
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
export function authenticate(socket: TLSSocket): Identity | undefined {
  const certificate = socket.getPeerCertificate()
  if (Object.keys(certificate ?? {}).length === 0) return undefined
  const identity = socket.authorized ? identityOf(certificate) : undefined
  if (!identity) throw unauthorized()
  return identity
}

export function unauthorized(): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized')
}
