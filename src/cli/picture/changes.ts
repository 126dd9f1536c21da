import type { Picture, PodRow, ReplicaSetRow } from './picture.ts'

/** What has happened between two pictures, a line each: what a log shows instead of a picture. */
export function changesBetween(before: Picture | undefined, after: Picture): readonly string[] {
  const rowsBefore = byUid(before?.replicaSets ?? [])
  const podsBefore = byUid(podsOf(before))
  const podsAfter = byUid(podsOf(after))
  const gone = [...podsBefore.values()].filter(({ uid }) => !podsAfter.has(uid))
  return [
    ...after.replicaSets.flatMap((row) => sizeChange(rowsBefore.get(row.uid), row)),
    ...gone.map((pod) => `${podTitle(pod)} is gone`),
    ...[...podsAfter.values()].flatMap((pod) => podChanges(podsBefore.get(pod.uid), pod)),
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

function podChanges(before: PodRow | undefined, after: PodRow): readonly string[] {
  const has = (isSo: (pod: PodRow) => boolean) => !(before && isSo(before)) && isSo(after)
  const lost = (isSo: (pod: PodRow) => boolean) => before && isSo(before) && !isSo(after)
  const isBroken = before !== undefined && before.status !== after.status && !after.isTerminating
  const changes = [
    before === undefined && 'is created',
    has(({ isReady }) => isReady) && 'is ready',
    lost(({ isReady }) => isReady) && !after.isTerminating && 'is not ready any more',
    has(({ inTraffic }) => inTraffic) && 'gets traffic',
    lost(({ inTraffic }) => inTraffic) && 'gets no more traffic',
    has(({ isTerminating }) => isTerminating) && 'is being removed',
    isBroken && after.status !== 'Running' && `is ${after.status}`,
  ]
  return changes
    .filter((change) => typeof change === 'string')
    .map((change) => `${podTitle(after)} ${change}`)
}
