import type { OwnerReference } from '../api/generated/types.ts'
import { controllerRef, isTerminating, type KubeObject, keyOf, keyText } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { isStatusError, StatusError } from '../api/status-error.ts'
import type { Patch, Transport } from '../api/transport.ts'

export interface ClaimInput<T extends KubeObject> {
  readonly controller: KubeObject
  /** Whether the controller's selector matches the candidate. */
  readonly selector: (candidate: T) => boolean
  /** Everything of the dependents' kind in the controller's namespace. */
  readonly candidates: readonly T[]
}

export interface ClaimPlan<T extends KubeObject> {
  /** Owned and matching. */
  readonly claimed: readonly T[]
  /** Matching orphans. */
  readonly adopt: readonly T[]
  /** Owned, but no longer matching. */
  readonly release: readonly T[]
}

type Verdict = keyof ClaimPlan<KubeObject> | 'ignore'

/**
 * Who belongs to this controller (B-05, C-02). A controller that is being deleted neither adopts
 * nor releases.
 */
export function planClaims<T extends KubeObject>(input: ClaimInput<T>): ClaimPlan<T> {
  const plan = { claimed: [] as T[], adopt: [] as T[], release: [] as T[] }
  for (const candidate of input.candidates) {
    const verdict = judge(input, candidate)
    if (verdict !== 'ignore') plan[verdict].push(candidate)
  }
  return plan
}

function judge<T extends KubeObject>(
  { controller, selector }: ClaimInput<T>,
  candidate: T,
): Verdict {
  const owner = controllerRef(candidate)
  if (owner && owner.uid !== controller.metadata.uid) return 'ignore'
  const isMatch = selector(candidate)
  if (owner && isMatch) return 'claimed'
  if (isTerminating(controller)) return 'ignore'
  if (owner) return 'release'
  return isMatch && !isTerminating(candidate) ? 'adopt' : 'ignore'
}

/** The ownerReference by which `owner` manages a dependent (B-12, C-03). */
export function newControllerRef(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Fails with Conflict when the dependent is by now another object of the same name. */
export function adoptPatch(controller: KubeObject, dependent: KubeObject): Patch {
  return metadataPatch(dependent, { ...newControllerRef(controller) })
}

export function releasePatch(controller: KubeObject, dependent: KubeObject): Patch {
  return metadataPatch(dependent, { $patch: 'delete', uid: controller.metadata.uid })
}

function metadataPatch(
  dependent: KubeObject,
  ownerReference: { readonly [key: string]: string | boolean | undefined },
): Patch {
  const metadata = { uid: dependent.metadata.uid, ownerReferences: [ownerReference] }
  return { type: 'application/strategic-merge-patch+json', body: { metadata } }
}

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> extends ClaimInput<T> {
  readonly transport: Transport
  readonly controller: O
  readonly controllerResource: Resource<O>
  readonly resource: Resource<T>
}

/**
 * Carries `planClaims` out; resolves with what the controller owns now. A dependent that is gone is
 * passed over. Other errors of single patches reject, after every patch was tried.
 */
export async function claim<O extends KubeObject, T extends KubeObject>(
  options: ClaimOptions<O, T>,
): Promise<readonly T[]> {
  const plan = planClaims(options)
  if (plan.adopt.length > 0) await checkStillOwner(options)
  const apply = async (dependent: T, patch: Patch, ignored: readonly StatusError['reason'][]) => {
    try {
      return await options.transport.patch(options.resource, keyOf(dependent), patch)
    } catch (error) {
      if (isStatusError(error) && ignored.includes(error.reason)) return undefined
      throw error
    }
  }
  const { controller } = options
  const releases = plan.release.map((dependent) =>
    // Invalid: another uid by now, or the reference went already.
    apply(dependent, releasePatch(controller, dependent), ['NotFound', 'Invalid']),
  )
  const adoptions = plan.adopt.map((dependent) =>
    apply(dependent, adoptPatch(controller, dependent), ['NotFound']),
  )
  const adopted = await allOrFirstError(adoptions, releases)
  return [...plan.claimed, ...adopted.filter((dependent) => dependent !== undefined)]
}

/** Waits for all of both; the first error wins. */
async function allOrFirstError<T>(
  wanted: readonly Promise<T>[],
  others: readonly Promise<unknown>[],
): Promise<readonly T[]> {
  await Promise.allSettled([...wanted, ...others])
  await Promise.all(others)
  return Promise.all(wanted)
}

/**
 * Reads the controller live before it adopts (B-06): the cache may show one that is already deleted
 * or replaced.
 */
async function checkStillOwner<O extends KubeObject>({
  transport,
  controller,
  controllerResource,
}: Pick<ClaimOptions<O, KubeObject>, 'transport' | 'controller' | 'controllerResource'>) {
  const live = await transport.get(controllerResource, keyOf(controller))
  const name = `${controller.kind} ${keyText(keyOf(controller))}`
  const { uid, deletionTimestamp } = live.metadata
  if (uid !== controller.metadata.uid) {
    throw new StatusError(
      'NotFound',
      `original ${name} is gone: got uid ${uid}, wanted ${controller.metadata.uid}`,
    )
  }
  if (deletionTimestamp) {
    throw new StatusError('NotFound', `${name} has just been deleted at ${deletionTimestamp}`)
  }
}

/** What it controls, as the API has it, past the cache. */
export async function readControlled<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  { metadata: { namespace, uid } }: KubeObject,
): Promise<readonly T[]> {
  const { items } = await transport.list(resource, { namespace })
  return items.filter((object) => controllerRef(object)?.uid === uid)
}
