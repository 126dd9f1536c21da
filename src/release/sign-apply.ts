import type { Context } from '../base/context.ts'
import type { Workload } from '../rollout/workload.ts'
import { type Provenance, provenanceAnnotations, provenanceOfPath } from './provenance.ts'
import { RefusedByGuard } from './release-error.ts'

export interface ApplySigning {
  /**
   * The file or folder that is applied; undefined: standard input, or something rendered elsewhere.
   */
  readonly path: string | undefined
  /** A folder for kustomize, which may read files elsewhere. */
  readonly isKustomized?: boolean
  readonly by: string | undefined
  readonly reason: string | undefined
  /** Refuse what is not as its commit has it. */
  readonly requireClean: boolean
}

/**
 * What `astern apply` says of all that it applies, read once before the first write. Rejects with
 * RefusedByGuard (`dirty`) under `requireClean`.
 */
export async function provenanceOfApply(signing: ApplySigning): Promise<Provenance> {
  const { path, by, reason, requireClean, isKustomized = false } = signing
  const said = { ...(by && { appliedBy: by }), ...(reason && { reason }) }
  const provenance =
    path === undefined ? said : await provenanceOfPath(path, said, { readsElsewhere: isKustomized })
  if (!requireClean || ('tree' in provenance && provenance.tree === 'clean')) return provenance
  const message = `${path ?? 'standard input'} is not as a commit has it`
  const hint = 'commit it, or leave --require-clean out'
  throw new RefusedByGuard([{ guard: 'dirty', message, hint }])
}

/**
 * The annotations to send in the same request as the manifest, outside of
 * last-applied-configuration. `served`: the workload as the server answers a dry run of that
 * request, so that they are said of the template with the server's defaults.
 */
export function applySignature(
  { ids }: Pick<Context, 'ids'>,
  served: Workload,
  provenance: Provenance,
): { readonly [key: string]: string } {
  const template = served.spec?.template ?? {}
  return provenanceAnnotations({ provenance, source: 'apply', operation: ids.uid() }, template)
}
