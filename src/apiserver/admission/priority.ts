import type { Pod, PriorityClass } from '../../api/generated/types.ts'
import { isSystemPriorityClass, systemPriorityClasses } from '../../api/priority-classes.ts'
import type { Resource } from '../../api/resource.ts'
import { pods, priorityClasses } from '../../api/scheme.ts'
import { forbidden } from '../../api/status-error.ts'
import type { Store } from '../../store/store.ts'
import { resourcePrefix, storeKey } from '../store-keys.ts'

function allClasses(store: Store): readonly PriorityClass[] {
  const { entries } = store.list(resourcePrefix(priorityClasses))
  return entries.map(({ object }) => object as PriorityClass)
}

function classNamed(store: Store, name: string): PriorityClass | undefined {
  const stored = store.get(storeKey(priorityClasses, { name }))?.object
  return (
    (stored as PriorityClass | undefined) ??
    systemPriorityClasses.find(({ metadata }) => metadata.name === name)
  )
}

/** The class of pods that name none; of several, which should not be, the lowest. */
function defaultClass(store: Store): PriorityClass | undefined {
  const defaults = allClasses(store).filter(({ globalDefault }) => globalDefault)
  return defaults.sort((a, b) => a.value - b.value)[0]
}

/** Priority and preemption of a new pod, from its class. Throws 403. */
export function withPriority(store: Store, pod: Pod): Pod {
  if (!pod.spec) return pod
  const { priorityClassName, priority, preemptionPolicy } = pod.spec
  const named = priorityClassName ? classNamed(store, priorityClassName) : defaultClass(store)
  const refuse = (why: string) => forbidden(pods, pod.metadata.name ?? '', { why })
  if (priorityClassName && !named) {
    throw refuse(`no PriorityClass with name ${priorityClassName} was found`)
  }
  const computed = named?.value ?? 0
  const policy = named?.preemptionPolicy ?? 'PreemptLowerPriority'
  const how = 'priority admission controller computed'
  if (priority !== undefined && priority !== computed) {
    throw refuse(
      `the integer value of priority (${priority}) must not be provided in pod spec; ${how} ${computed} from the given PriorityClass name`,
    )
  }
  if (preemptionPolicy !== undefined && preemptionPolicy !== policy) {
    throw refuse(
      `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; ${how} ${policy} from the given PriorityClass name`,
    )
  }
  const className = priorityClassName || named?.metadata.name
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(className && { priorityClassName: className }),
      priority: computed,
      preemptionPolicy: policy,
    },
  }
}

/** Throws 403 for a second class that would be the one of pods without a class. */
export function checkOneDefaultClass(store: Store, object: PriorityClass): void {
  if (!object.globalDefault) return
  const name = object.metadata.name ?? ''
  const present = allClasses(store).find(
    ({ globalDefault, metadata }) => globalDefault && metadata.name !== name,
  )
  if (!present) return
  const why = `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`
  throw forbidden(priorityClasses, name, { why })
}

/** Throws 403 for the classes that everything relies on. */
export function checkClassDeletable(resource: Resource, name: string): void {
  if (resource === priorityClasses && isSystemPriorityClass(name)) {
    const why = 'this is a system priority class and cannot be deleted'
    throw forbidden(resource, name, { why })
  }
}
