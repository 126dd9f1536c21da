import type { ServiceAccount, TokenRequest } from '../../api/generated/types.ts'
import { serviceAccounts } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { type TokenSource, VolumeFailed } from '../volumes/volume-files.ts'

/** Tokens by TokenRequest, each bound to its pod. Rejects with VolumeFailed. */
export function serviceAccountTokens(transport: Transport): TokenSource {
  return async ({ metadata, spec }, { audience, expirationSeconds }) => {
    const { namespace, name, uid } = metadata
    const account = { namespace, name: spec?.serviceAccountName || 'default' }
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience === undefined ? [] : [audience],
        ...(expirationSeconds !== undefined && { expirationSeconds }),
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    try {
      const body = request as unknown as ServiceAccount
      const answer = await transport.create(serviceAccounts, account, body, {
        subresource: 'token',
      })
      const { token = '', expirationTimestamp = '' } =
        (answer as unknown as TokenRequest).status ?? {}
      return { token, expiresAtMs: Date.parse(expirationTimestamp) }
    } catch (error) {
      throw new VolumeFailed(`failed to fetch token: ${(error as Error).message}`)
    }
  }
}
