import { aggregatedRules } from '../../api/aggregated-rules.ts'
import type { ClusterRole, ClusterRoleBinding } from '../../api/generated/types.ts'
import { autoupdateAnnotation } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { clusterRoleBindings, clusterRoles } from '../../api/scheme.ts'
import { createObject } from '../create.ts'
import { isSame } from '../registry/same.ts'
import type { ServerContext } from '../server-context.ts'
import { storeKey } from '../store-keys.ts'
import { updateObject } from '../update.ts'
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from './bootstrap-policy.ts'
import { missingRules } from './rule-cover.ts'

const options = { fieldManager: 'kube-apiserver' }

/**
 * Brings the built-in roles and bindings into the store: what is missing is made, and what somebody
 * took out of one that is there is put back, unless it says `autoupdate: "false"`. What somebody
 * added stays.
 */
export async function bootstrapRbac(context: ServerContext): Promise<void> {
  await Promise.all([
    ...rolesWithRules().map((role) => ensure(context, clusterRoles, role, completeRole)),
    ...bootstrapClusterRoleBindings.map((binding) =>
      ensure(context, clusterRoleBindings, binding, completeBinding),
    ),
  ])
}

/** Aggregated roles have their rules from the start, before the controller looks at them. */
function rolesWithRules(): readonly ClusterRole[] {
  const made: ClusterRole[] = []
  for (const role of bootstrapClusterRoles) {
    made.push(role.aggregationRule ? { ...role, rules: aggregatedRules(role, made) } : role)
  }
  return made
}

async function ensure<T extends KubeObject>(
  context: ServerContext,
  resource: Resource<T>,
  expected: T,
  complete: (present: T, expected: T) => T,
): Promise<void> {
  const key = { name: expected.metadata.name ?? '' }
  const present = context.store.get(storeKey(resource, key))?.object as T | undefined
  if (!present) {
    await createObject(context, { resource, where: {}, body: { object: expected } }, options)
    return
  }
  if (present.metadata.annotations?.[autoupdateAnnotation] === 'false') return
  const object = withMetadataOf(complete(present, expected), expected)
  if (isSame(object, present)) return
  await updateObject(context, { resource, key, body: { object } }, options)
}

/** Labels and annotations that are missing; those that differ stay. */
function withMetadataOf<T extends KubeObject>(object: T, { metadata }: KubeObject): T {
  const labels = { ...metadata.labels, ...object.metadata.labels }
  const annotations = { ...metadata.annotations, ...object.metadata.annotations }
  return { ...object, metadata: { ...object.metadata, labels, annotations } }
}

function completeRole(present: ClusterRole, expected: ClusterRole): ClusterRole {
  if (expected.aggregationRule) {
    const clusterRoleSelectors = union(
      present.aggregationRule?.clusterRoleSelectors,
      expected.aggregationRule.clusterRoleSelectors,
    )
    return { ...present, aggregationRule: { clusterRoleSelectors } }
  }
  const missing = missingRules(present.rules ?? [], expected.rules ?? [])
  return missing.length === 0
    ? present
    : { ...present, rules: [...(present.rules ?? []), ...missing] }
}

function completeBinding(
  present: ClusterRoleBinding,
  expected: ClusterRoleBinding,
): ClusterRoleBinding {
  return { ...present, subjects: union(present.subjects, expected.subjects) }
}

function union<T extends object>(
  present: readonly T[] = [],
  expected: readonly T[] = [],
): readonly T[] {
  const missing = expected.filter((wanted) => !present.some((known) => isSame(known, wanted)))
  return [...present, ...missing]
}
