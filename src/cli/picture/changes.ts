import type { Picture, PodRow, ReplicaSetRow } from './picture.ts'
import { isTrouble } from './pod-trouble.ts'

/**
 * What has happened between two pictures, a line each: what a log shows instead of a picture.
 * Causes come before their effects, as far as one can tell: a pod gets ready, sizes change, pods
 * come and go.
 */
export function changesBetween(before: Picture | undefined, after: Picture): readonly string[] {
  const rowsBefore = byUid(before?.replicaSets ?? [])
  const podsBefore = byUid(podsOf(before))
  const podsAfter = byUid(podsOf(after))
  const gone = [...podsBefore.values()].filter(({ uid }) => !podsAfter.has(uid))
  const changes = [...podsAfter.values()].map((pod) => podChanges(podsBefore.get(pod.uid), pod))
  return [
    ...changes.flatMap(({ causes }) => causes),
    ...after.replicaSets.flatMap((row) => sizeChange(rowsBefore.get(row.uid), row)),
    ...changes.flatMap(({ effects }) => effects),
    ...gone.map((pod) => `${podTitle(pod)} is gone`),
    ...(before?.headline === after.headline ? [] : [after.headline]),
  ]
}

function byUid<Row extends { readonly uid: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.uid, row]))
}

function podsOf(picture: Picture | undefined): readonly PodRow[] {
  return picture?.replicaSets.flatMap(({ pods }) => pods) ?? []
}

function sizeChange(before: ReplicaSetRow | undefined, after: ReplicaSetRow): readonly string[] {
  const from = before?.desired ?? 0
  const renumbered = before !== undefined && before.revision !== after.revision
  const title = `revision ${after.revision} (${after.version})`
  return [
    ...(renumbered
      ? [`revision ${before.revision} (${after.version}) becomes ${after.revision}`]
      : []),
    ...(from === after.desired ? [] : [`${title}: ${from} -> ${after.desired} wanted`]),
  ]
}

function podTitle({ name, version }: PodRow): string {
  return `pod ${name} (${version})`
}

interface PodChanges {
  readonly causes: readonly string[]
  readonly effects: readonly string[]
}

function podChanges(before: PodRow | undefined, after: PodRow): PodChanges {
  const told = (changes: readonly string[]) =>
    changes.map((change) => `${podTitle(after)} ${change}`)
  if (before === undefined) return { causes: [], effects: told(['is created', ...gains(after)]) }
  const known = new Set(gains(before))
  const causes = gains(after).filter((gain) => !known.has(gain))
  return { causes: told(causes), effects: told(losses(before, after)) }
}

function gains({ isReady, inTraffic, status }: PodRow): readonly string[] {
  return [
    ...(isReady ? ['is ready'] : []),
    ...(inTraffic ? ['gets traffic'] : []),
    ...(isTrouble(status) ? [`is in trouble: ${status}`] : []),
  ]
}

function losses(before: PodRow, after: PodRow): readonly string[] {
  const isUnready = before.isReady && !after.isReady && !after.isTerminating
  return [
    ...(isUnready ? ['is not ready any more'] : []),
    ...(before.inTraffic && !after.inTraffic ? ['gets no more traffic'] : []),
    ...(!before.isTerminating && after.isTerminating ? ['is being removed'] : []),
  ]
}
