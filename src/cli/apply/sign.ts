import { resolve, sep } from 'node:path'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { changeCauseAnnotation } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import type { Transport } from '../../api/transport.ts'
import { systemContext } from '../../base/context.ts'
import { isGitError } from '../../git/git-error.ts'
import { findRepository, type Repository } from '../../git/repository.ts'
import { gitTextOr } from '../../git/run-git.ts'
import { claimProvenance } from '../../release/claim-annotations.ts'
import { type Provenance, provenanceKeys } from '../../release/provenance.ts'
import { applySignature, provenanceOfApply } from '../../release/sign-apply.ts'
import { isWorkloadKind, type Workload } from '../../rollout/workload.ts'
import type { CliIo } from '../io.ts'
import type { Invocation } from '../kubectl-command.ts'
import type { Item } from '../select/items.ts'

/**
 * What to add to the annotations of a workload in the request that writes it: where it comes
 * from, said of the template as served. null takes away what was said of the one before.
 */
export type Signature = { readonly [annotation: string]: string | null }

export interface Signer {
  /** undefined: nothing is known of where this comes from, or it bears nothing. */
  provenanceOf(item: Item): Provenance | undefined
}

/** Called as kubectl it does what kubectl does. */
const nobody: Signer = { provenanceOf: () => undefined }

/**
 * Reads once, before the first write, where the files of `-f` come from: inside a Git work tree, or
 * where a reason is given. Rejects with RefusedByGuard under `--require-clean`.
 */
export async function signerFor({ io, flags }: Invocation): Promise<Signer> {
  if (io.programName === 'kubectl') return nobody
  const reason = flags.text('reason') || undefined
  const requireClean = flags.boolean('require-clean')
  const said = new Map<string, Provenance>()
  const folder = flags.text('kustomize')
  for (const name of folder === '' ? flags.list('filename') : [folder]) {
    const path = isPlace(name) ? resolve(io.cwd, name) : undefined
    const repository = await repositoryOf(path ?? io.cwd)
    if (!repository && reason === undefined && !requireClean) continue
    const by = await personAt(io, repository)
    const isKustomized = folder !== ''
    said.set(name, await provenanceOfApply({ path, by, reason, requireClean, isKustomized }))
  }
  return {
    provenanceOf({ resource, source = '' }) {
      if (resource.group !== 'apps' || !isWorkloadKind(resource.kind)) return undefined
      const of = [...said.keys()].find((name) => isFrom(io.cwd, source, name))
      return of === undefined ? undefined : said.get(of)
    },
  }
}

function isPlace(name: string): boolean {
  return name !== '-' && !/^https?:\/\//.test(name)
}

/** Whether a document's source is what `-f` named, or lies below it. */
function isFrom(cwd: string, source: string, name: string): boolean {
  if (!isPlace(name)) return source === (name === '-' ? 'STDIN' : name)
  const [file, given] = [resolve(cwd, source), resolve(cwd, name)]
  return file === given || file.startsWith(`${given}${sep}`)
}

async function repositoryOf(path: string): Promise<Repository | undefined> {
  try {
    return await findRepository(path)
  } catch (error) {
    if (isGitError(error, 'no-git')) return undefined
    throw error
  }
}

/** Who somebody is: as Git knows him, else by the name of his account. */
export async function personAt(
  { env }: Pick<CliIo, 'env'>,
  repository: Repository | undefined,
): Promise<string | undefined> {
  const args = ['config', '--get', 'user.name']
  const known = repository && (await gitTextOr(args, { cwd: repository.root }))
  return known || env.USER || env.LOGNAME || env.USERNAME || undefined
}

/** Whether a manifest says itself why it changes something. */
export function givesCause(manifest: KubeObject | undefined): boolean {
  return manifest?.metadata?.annotations?.[changeCauseAnnotation] !== undefined
}

/** `served`: the server's answer to a dry run of the request. */
export function signature(
  served: KubeObject,
  provenance: Provenance,
  manifest: KubeObject,
): Signature {
  const said = applySignature(systemContext(), served as Workload, provenance)
  // A cause that the manifest has itself goes before the one that we would give.
  const { [changeCauseAnnotation]: cause, ...others } = said
  const hasCause = givesCause(manifest)
  const cleared = provenanceKeys.map((key) => [key, null] as const)
  return {
    ...Object.fromEntries(cleared),
    ...others,
    ...(!hasCause && cause !== undefined && { [changeCauseAnnotation]: cause }),
  }
}

/** The signature alone, for an apply that takes away by itself what is not said again. */
export function givenSignature(
  served: Workload,
  provenance: Provenance,
): { readonly [annotation: string]: string } {
  return applySignature(systemContext(), served, provenance)
}

/**
 * Takes what was said along with a manifest under our own name, so that it stays when he applies.
 */
export function claim<T extends KubeObject>(
  transport: Transport,
  { resource, object }: Item,
  written: T,
): Promise<T> {
  const hasCause = givesCause(object)
  const ours = { context: systemContext(), transport }
  return claimProvenance(ours, resource as unknown as Resource<T>, { written, hasCause })
}

/** An object with the signature among its annotations. */
export function signed(object: KubeObject, by: Signature): KubeObject {
  const given = Object.entries(by).filter((entry): entry is [string, string] => entry[1] !== null)
  const annotations = { ...object.metadata?.annotations, ...Object.fromEntries(given) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** A patch with the signature among what it does to the annotations. */
export function signedPatch(patch: JsonObject, by: Signature): JsonObject {
  const metadata = isJsonObject(patch.metadata) ? patch.metadata : {}
  const annotations = isJsonObject(metadata.annotations) ? metadata.annotations : {}
  return { ...patch, metadata: { ...metadata, annotations: { ...annotations, ...by } } }
}
