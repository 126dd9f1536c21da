import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { jsonEqual } from '../patch/json-equal.ts'
import { emptySet, type FieldSet, leafNode, SetBuilder } from './field-set.ts'
import {
  type ElementwiseType,
  type FieldType,
  isByElement,
  isByMember,
  leafType,
  memberType,
  type StructType,
} from './field-type.ts'
import { keyedElement, memberElement, type PathElement, valueElement } from './path-element.ts'

type Members = JsonObject
type List = readonly JsonValue[]
type Value = JsonValue | undefined

/** What a change of an object touches. */
export interface Changes {
  /** Fields that are new or have another value. */
  readonly changed: FieldSet
  /** Fields that were there before. */
  readonly removed: FieldSet
}

export const noChanges: Changes = Object.freeze({ changed: emptySet, removed: emptySet })

/** The same below the root; undefined where nothing differs. */
interface Difference {
  readonly changed: FieldSet | undefined
  readonly removed: FieldSet | undefined
}

const changedLeaf: Difference = Object.freeze({ changed: leafNode, removed: undefined })

/**
 * The fields in which two objects of a type differ (H-15). Parts that are the same reference are
 * not looked at. The order of a list whose elements are owned one by one belongs to nobody.
 */
export function compareObjects(type: StructType, before: object, after: object): Changes {
  const difference = new DifferenceBuilder()
  compareMembers(type, [before as Members, after as Members], difference)
  return difference.changes()
}

class DifferenceBuilder {
  readonly #changed = new SetBuilder()
  readonly #removed = new SetBuilder()

  add(element: PathElement, difference: Difference | undefined): void {
    if (difference === undefined) return
    this.#changed.add(element, difference.changed)
    this.#removed.add(element, difference.removed)
  }

  changes(): Changes {
    return { changed: this.#changed.set(), removed: this.#removed.set() }
  }

  difference(): Difference | undefined {
    const changed = this.#changed.node(false)
    const removed = this.#removed.node(false)
    return changed || removed ? { changed, removed } : undefined
  }
}

function compareMembers(
  type: FieldType,
  [before, after]: readonly [Members, Members],
  difference: DifferenceBuilder,
): void {
  const compare = (name: string, old: Value, value: Value) => {
    if (old === value) return
    const member = memberType(type, name)
    if (member) difference.add(memberElement(name), compareValues(member, old, value))
  }
  for (const name of Object.keys(after)) {
    compare(name, Object.hasOwn(before, name) ? before[name] : undefined, after[name])
  }
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) compare(name, before[name], undefined)
  }
}

function compareValues(type: FieldType, before: Value, after: Value): Difference | undefined {
  if (before === after) return undefined
  if (before === undefined) return { changed: wholeOf(type, after), removed: undefined }
  if (after === undefined) return { changed: undefined, removed: wholeOf(type, before) }
  const difference = new DifferenceBuilder()
  if (isJsonObject(before) && isJsonObject(after) && isByMember(type)) {
    compareMembers(type, [before, after], difference)
  } else if (Array.isArray(before) && Array.isArray(after) && isByElement(type)) {
    compareElements(type, [before, after], difference)
  } else {
    return jsonEqual(before, after) ? undefined : changedLeaf
  }
  return difference.difference()
}

export function elementOf(type: ElementwiseType, item: JsonValue): PathElement {
  return type.kind === 'list-map' ? keyedElement(type, item) : valueElement(item)
}

/** Elements of a list by their path element: more than one where its key is there twice. */
export function elementsByPath(
  type: ElementwiseType,
  list: List,
): ReadonlyMap<PathElement, readonly JsonValue[]> {
  const elements = new Map<PathElement, JsonValue[]>()
  for (const item of list) {
    const element = elementOf(type, item)
    const same = elements.get(element)
    if (same) same.push(item)
    else elements.set(element, [item])
  }
  return elements
}

function compareElements(
  type: ElementwiseType,
  [before, after]: readonly [List, List],
  difference: DifferenceBuilder,
): void {
  const olds = elementsByPath(type, before)
  const values = elementsByPath(type, after)
  const itemType = type.kind === 'list-map' ? type.element : leafType
  for (const [element, items] of values) {
    difference.add(element, compareItems(itemType, olds.get(element) ?? [], items))
  }
  for (const [element, items] of olds) {
    if (!values.has(element)) difference.add(element, compareItems(itemType, items, []))
  }
}

/** Elements of the same key. Where there is more than one, they are owned together, as one leaf. */
function compareItems(type: FieldType, olds: List, items: List): Difference | undefined {
  if (olds.length <= 1 && items.length <= 1) return compareValues(type, olds[0], items[0])
  if (jsonEqual(olds, items)) return undefined
  return items.length === 0 ? { changed: undefined, removed: leafNode } : changedLeaf
}

/** Everything in a value, containers included; the value itself in any case. */
function wholeOf(type: FieldType, value: Value): FieldSet | undefined {
  if (type.kind === 'leaf') return leafNode
  const builder = new SetBuilder(true)
  if (isJsonObject(value) && isByMember(type)) {
    for (const name of Object.keys(value)) {
      const member = value[name]
      const known = member === undefined ? undefined : memberType(type, name)
      if (known) builder.add(memberElement(name), wholeOf(known, member))
    }
  } else if (Array.isArray(value) && isByElement(type)) {
    const itemType = type.kind === 'list-map' ? type.element : leafType
    for (const [element, [item, second]] of elementsByPath(type, value)) {
      builder.add(element, wholeOf(second === undefined ? itemType : leafType, item))
    }
  }
  return builder.node(true)
}
