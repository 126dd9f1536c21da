import { isJsonObject, type JsonValue } from '../json.ts'
import { compareElements, elementText, isPathElement, type PathElement } from './path-element.ts'

/**
 * A set of fields in the form of FieldsV1: a tree by path element. A path is in the set when its
 * node is empty or has the member `.`; the root itself is in no set, so `{}` is the empty one.
 * Sets are never changed, and members are always in the order of `compareElements`.
 */
export interface FieldSet {
  readonly [element: PathElement]: FieldSet
}

export const emptySet: FieldSet = Object.freeze({})

/** A node without anything below it: the path alone. */
export const leafNode: FieldSet = emptySet

const self = '.'

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

function isMember(node: FieldSet): boolean {
  return isEmptySet(node) || Object.hasOwn(node, self)
}

function childOf(node: FieldSet | undefined, element: PathElement): FieldSet | undefined {
  return node && Object.hasOwn(node, element) ? node[element] : undefined
}

/** Puts a set together, element by element. */
export class SetBuilder {
  readonly #tree: Record<PathElement, FieldSet>
  #last = ''
  #isSorted = true

  /** A node that is in the set itself starts as such; of others, `node` decides. */
  constructor(isMember = false) {
    this.#tree = isMember ? { [self]: leafNode } : {}
  }

  add(element: PathElement, node: FieldSet | undefined): void {
    if (node === undefined) return
    if (this.#isSorted && this.#last !== '') {
      this.#isSorted = compareElements(this.#last, element) < 0
    }
    this.#last = element
    this.#tree[element] = node
  }

  /** The root of a set. */
  set(): FieldSet {
    return this.#last === '' ? emptySet : this.#sorted()
  }

  /** A node below the root; undefined when there is nothing in it. */
  node(isMember: boolean): FieldSet | undefined {
    if (this.#last === '') return isMember ? leafNode : undefined
    const tree = this.#sorted()
    return isMember && !Object.hasOwn(tree, self) ? { [self]: leafNode, ...tree } : tree
  }

  #sorted(): FieldSet {
    if (this.#isSorted) return this.#tree
    const { [self]: member, ...children } = this.#tree
    const elements = Object.entries(children).sort(([a], [b]) => compareElements(a, b))
    return { ...(member && { [self]: member }), ...Object.fromEntries(elements) }
  }
}

function elementsOf(set: FieldSet): PathElement[] {
  return Object.keys(set).filter((element) => element !== self)
}

function allElements(a: FieldSet, b: FieldSet): PathElement[] {
  return [...new Set([...elementsOf(a), ...elementsOf(b)])].sort(compareElements)
}

/** What is in either; `a` itself when that holds all of `b`, as for who writes the same again. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b
  return holds(a, b) ? a : joined(a, b).set()
}

function holds(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  for (const element in b) {
    if (element === self) continue
    const other = b[element] as FieldSet
    const node = childOf(a, element)
    if (!node || (isMember(other) && !isMember(node)) || !holds(node, other)) return false
  }
  return true
}

/** Whether a path is in both. */
function haveCommon(a: FieldSet, b: FieldSet): boolean {
  for (const element in b) {
    if (element === self) continue
    const other = b[element] as FieldSet
    const node = childOf(a, element)
    if (node && ((isMember(node) && isMember(other)) || haveCommon(node, other))) return true
  }
  return false
}

function joined(a: FieldSet, b: FieldSet): SetBuilder {
  const builder = new SetBuilder()
  for (const element of allElements(a, b)) {
    const left = childOf(a, element)
    const right = childOf(b, element)
    const isBoth = left && right && left !== right
    const both = isBoth && joined(left, right).node(isMember(left) || isMember(right))
    builder.add(element, both || left || right)
  }
  return builder
}

/** What is in `a` and not in `b`; `a` itself if they have nothing in common. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return haveCommon(a, b) ? subtract(a, b, false) : a
}

/** What is in `a`, and neither in `b` nor below something in `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true)
}

function subtract(a: FieldSet, b: FieldSet, isRecursive: boolean): FieldSet {
  const { builder, isChanged } = remaining(a, b, isRecursive)
  return isChanged ? builder.set() : a
}

interface Remaining {
  readonly builder: SetBuilder
  readonly isChanged: boolean
}

function remaining(a: FieldSet, b: FieldSet, isRecursive: boolean): Remaining {
  let isChanged = false
  const builder = new SetBuilder()
  for (const element of elementsOf(a)) {
    const node = a[element] as FieldSet
    const other = childOf(b, element)
    const rest = other ? subtractNode(node, other, isRecursive) : node
    if (rest !== node) isChanged = true
    builder.add(element, rest)
  }
  return { builder, isChanged }
}

function subtractNode(a: FieldSet, b: FieldSet, isRecursive: boolean): FieldSet | undefined {
  if (isRecursive && isMember(b)) return undefined
  const isLeft = isMember(a) && !isMember(b)
  const { builder, isChanged } = remaining(a, b, isRecursive)
  return !isChanged && isLeft === isMember(a) ? a : builder.node(isLeft)
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return common(a, b).set()
}

function common(a: FieldSet, b: FieldSet): SetBuilder {
  const builder = new SetBuilder()
  for (const element of elementsOf(a)) {
    const left = a[element] as FieldSet
    const right = childOf(b, element)
    if (right) builder.add(element, common(left, right).node(isMember(left) && isMember(right)))
  }
  return builder
}

export function areEqualSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  const elements = Object.keys(a)
  return (
    elements.length === Object.keys(b).length &&
    elements.every((element) => {
      const other = childOf(b, element)
      return other !== undefined && areEqualSets(a[element] as FieldSet, other)
    })
  )
}

/** What the set holds below one element: undefined if nothing, not even the element itself. */
export function below(set: FieldSet, element: PathElement): FieldSet | undefined {
  return childOf(set, element)
}

export function hasElement(set: FieldSet, element: PathElement): boolean {
  const node = childOf(set, element)
  return node !== undefined && isMember(node)
}

/** The paths in the set below which there are none. */
export function leavesOf(set: FieldSet): FieldSet {
  const { [self]: _, ...children } = set
  const leaves = Object.entries(children).map(([element, node]) => [element, leavesOf(node)])
  return Object.fromEntries(leaves) as FieldSet
}

/** The same node as a member of its set. */
export function asMember(node: FieldSet): FieldSet {
  return isMember(node) ? node : { [self]: leafNode, ...node }
}

/**
 * Every path in the set as error texts write it, those of one level before what is below them:
 * `.spec.replicas`, `.spec.template.spec.containers[name="app"].image`.
 */
export function pathTexts(set: FieldSet, prefix = ''): readonly string[] {
  const elements = elementsOf(set)
  const here = elements.filter((element) => isMember(set[element] as FieldSet))
  return [
    ...here.map((element) => prefix + elementText(element)),
    ...elements.flatMap((element) =>
      pathTexts(set[element] as FieldSet, prefix + elementText(element)),
    ),
  ]
}

/** Far deeper than any object. */
const depthMax = 100

/** A set that came from outside, with its members in order; undefined if it is no such thing. */
export function readFieldSet(value: JsonValue | undefined): FieldSet | undefined {
  return readBuilder(value, depthMax)?.set()
}

function readBuilder(value: JsonValue | undefined, depth: number): SetBuilder | undefined {
  if (!isJsonObject(value) || depth === 0) return undefined
  const builder = new SetBuilder()
  for (const [element, member] of Object.entries(value)) {
    if (element === self) continue
    const children = isPathElement(element) ? readBuilder(member, depth - 1) : undefined
    if (!children) return undefined
    builder.add(element, children.node(isMember(member as unknown as FieldSet)))
  }
  return builder
}
