import type { ControllerRevision, Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, isTerminating, type KubeObject } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { templateText } from '../template-text.ts'
import type { Change, World } from '../world.ts'
import type { Invariant } from './invariant.ts'

const annotation = 'deployment.kubernetes.io/revision'

/**
 * Revision numbers strictly grow: what is made, or taken up again, gets a number above all others
 * of its owner, and no other changes its own, so that 1, 2, 3 become 1, 3, 4 (B-21, B-24, D-04).
 */
export function revisions(world: World): Invariant {
  const templates = new Recent<string>(world)
  const numbers = new Recent<bigint>(world)
  return {
    name: 'revisions grow',
    check(change) {
      const { kind, next } = change
      if (kind === 'Deployment' && next) {
        templates.set(next, templateText((next as Deployment).spec?.template))
      }
      if (!['Deployment', 'ReplicaSet', 'ControllerRevision'].includes(kind) || !next) {
        return undefined
      }
      // Nobody has heard of it before.
      if (!change.previous) numbers.set(next, 0n)
      numbers.set(next, numberOf(next))
      return checkNumber(change, world, { templates, numbers })
    },
  }
}

interface Facts {
  readonly templates: Recent<string>
  /** As they were told, from none on. */
  readonly numbers: Recent<bigint>
}

function checkNumber(
  { previous, next }: Change,
  world: World,
  { templates, numbers }: Facts,
): string | undefined {
  if (!next) return undefined
  const [before, now] = [previous ? numberOf(previous) : 0n, numberOf(next)]
  const what = `${next.kind} ${next.metadata.name}`
  if (now === before) return undefined
  if (next.kind === 'Deployment') return checkDeployment(world, next, [before, now])
  if (now < before) return `${what} goes back from revision ${before} to ${now}`
  const owner = world.byUid(controllerRef(next)?.uid ?? '')
  if (!owner) return undefined
  const equal = world
    .ownedBy(owner.metadata.uid ?? '')
    .find((each) => each.kind === next.kind && each !== next && hasLong(numbers, each, now))
  if (equal)
    return `${what} gets revision ${now}, and ${equal.metadata.name} has ${numberOf(equal)}`
  if (owner.kind !== 'Deployment') return undefined
  const text = templateText((next as ReplicaSet).spec?.template)
  return templates.of(owner).includes(text)
    ? undefined
    : `${what} gets revision ${now}, but not by its template`
}

/**
 * It begins anew where nothing is left of its history to count on from (B-21), and goes back while
 * it is deleted in the foreground: its history goes first.
 */
function checkDeployment(
  world: World,
  deployment: KubeObject,
  [before, now]: readonly [bigint, bigint],
): string | undefined {
  const hasHistory = world.replicaSetsOf(deployment).some((each) => numberOf(each) > now)
  const { name } = deployment.metadata
  if (now > before || !hasHistory || isTerminating(deployment)) return undefined
  return `Deployment ${name} goes back from revision ${before} to ${now}`
}

function numberOf(object: KubeObject): bigint {
  if (object.kind === 'ControllerRevision') return BigInt((object as ControllerRevision).revision)
  return BigInt(object.metadata.annotations?.[annotation] ?? 0)
}

/**
 * Whether it has had this number, or a higher one, for so long that everybody has heard: what was
 * made in a write whose answer got lost is counted on only when a cache shows it (B-21).
 */
function hasLong(numbers: Recent<bigint>, object: KubeObject, number: bigint): boolean {
  return numberOf(object) >= number && numbers.of(object).every((each) => each >= number)
}
