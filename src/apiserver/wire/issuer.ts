import type { AccessControl } from '../auth/access-control.ts'
import { issuer } from '../auth/token-claims.ts'
import type { Exchange } from './exchange.ts'
import { sendJson } from './respond.ts'

const keysPath = '/openid/v1/jwks'

/**
 * What others need to check tokens of ServiceAccounts (OpenID Connect discovery). Returns false
 * for other paths.
 */
export async function serveIssuer(
  { response, path }: Pick<Exchange, 'response' | 'path'>,
  control: AccessControl,
): Promise<boolean> {
  switch (path.replace(/\/$/, '')) {
    case '/.well-known/openid-configuration':
      sendJson(response, {
        issuer,
        jwks_uri: `${issuer}${keysPath}`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      })
      return true
    case keysPath:
      sendJson(response, await control.tokenKeys(), { contentType: 'application/jwk-set+json' })
      return true
    default:
      return false
  }
}
