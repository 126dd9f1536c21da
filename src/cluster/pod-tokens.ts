import type { TokenRequest } from '../api/generated/types.ts'
import { serviceAccounts } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { type TokenSource, VolumeFailed } from '../node/volumes/volume-files.ts'

/** Tokens for the volumes of pods: each for its pod's ServiceAccount, and good while the pod is. */
export function podTokens(transport: Transport): TokenSource {
  return async ({ metadata, spec }, { audience, expirationSeconds }) => {
    const { namespace, name, uid } = metadata
    const account = spec?.serviceAccountName ?? 'default'
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience ? [audience] : [],
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        ...(expirationSeconds !== undefined && { expirationSeconds }),
      },
    }
    const where = { namespace, name: account }
    const options = { subresource: 'token' } as const
    try {
      const answer: unknown = await transport.create(serviceAccounts, where, request, options)
      const { token = '', expirationTimestamp = '' } = (answer as TokenRequest).status ?? {}
      return { token, expiresAtMs: Date.parse(expirationTimestamp) }
    } catch (error) {
      if (!isStatusError(error)) throw error
      throw new VolumeFailed(`failed to fetch token: ${error.message}`)
    }
  }
}
