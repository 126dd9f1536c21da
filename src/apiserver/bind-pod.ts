import { requiredValue } from '../api/field-errors.ts'
import type { Binding, Pod, PodCondition } from '../api/generated/types.ts'
import { isTerminating, type ObjectKey } from '../api/object.ts'
import { pods } from '../api/scheme.ts'
import { conflict, invalid } from '../api/status-error.ts'
import type { WriteOptions } from '../api/transport.ts'
import { timestamp } from '../base/clock.ts'
import { RevisionMismatch } from '../store/store.ts'
import { createdStatus, encode, valueAt } from './encode.ts'
import { existingEntry } from './existing-entry.ts'
import type { Body, Written } from './operations.ts'
import { readBody } from './read-body.ts'
import type { ServerContext } from './server-context.ts'
import { bindings } from './views.ts'
import { checkName, placeInNamespace } from './written-metadata.ts'

/**
 * POST of `/binding`: the pod's node, which is set once (F-14). Answers 201 with a Status. Throws
 * 404, 409, 422.
 */
export async function bindPod(
  context: ServerContext,
  { key, body }: { readonly key: ObjectKey; readonly body: Body },
  options: WriteOptions,
): Promise<Written> {
  const { object, warnings } = readBody(bindings, body, options)
  const binding = placeInNamespace(bindings, object, key) as Binding
  checkName(binding, key)
  const node = binding.target.name
  if (!node) throw invalid(bindings, key.name, [requiredValue('target.name')])
  for (;;) {
    const entry = existingEntry(context, pods, key)
    const bound = boundPod(entry.object as Pod, node, context.clock.now())
    try {
      const make = (revision: number) => valueAt(revision, bound)
      if (!options.dryRun) await context.store.put(entry.key, entry.revision, make)
      return { ...encode(createdStatus), code: 201, warnings }
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error
    }
  }
}

function boundPod(pod: Pod, nodeName: string, nowMs: number): Pod {
  const { name = '' } = pod.metadata
  const binding = { group: '', plural: 'pods/binding' }
  if (isTerminating(pod)) {
    const why = `pod ${name} is being deleted, cannot be assigned to a host`
    throw conflict(binding, name, why)
  }
  if (pod.spec?.nodeName) {
    const why = `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`
    throw conflict(binding, name, why)
  }
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    throw conflict(binding, name, `pod ${name} has non-empty .spec.schedulingGates`)
  }
  const scheduled: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastTransitionTime: timestamp(nowMs),
  }
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== scheduled.type)
  return {
    ...pod,
    spec: { containers: [], ...pod.spec, nodeName },
    status: { ...pod.status, conditions: [...others, scheduled] },
  }
}
