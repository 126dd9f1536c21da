import { isJsonObject, type JsonValue } from '../json.ts'
import { elementOf } from './compare.ts'
import { asMember, type FieldSet, leafNode, SetBuilder } from './field-set.ts'
import {
  type FieldType,
  isByElement,
  isByMember,
  memberType,
  type StructType,
} from './field-type.ts'
import { memberElement } from './path-element.ts'

/**
 * The fields that an object sets, as an applier owns them (H-15): leaves, elements of lists, keys
 * of maps and empty objects; not the structs, maps and lists around them.
 */
export function fieldsOf(type: StructType, object: object): FieldSet {
  return builderOf(type, object as JsonValue).set()
}

function builderOf(type: FieldType, value: JsonValue): SetBuilder {
  const builder = new SetBuilder()
  if (isJsonObject(value) && isByMember(type)) {
    for (const [name, member] of Object.entries(value)) {
      const known = member === undefined ? undefined : memberType(type, name)
      if (known) builder.add(memberElement(name), memberNode(type, known, member as JsonValue))
    }
  } else if (Array.isArray(value) && isByElement(type)) {
    const elements = new Map<string, FieldSet>()
    for (const item of value) elements.set(elementOf(type, item), itemNode(type, item))
    for (const [element, node] of elements) builder.add(element, node)
  }
  return builder
}

function itemNode(type: FieldType, item: JsonValue): FieldSet {
  if (type.kind !== 'list-map') return leafNode
  return asMember(nodeOf(type.element, item) ?? leafNode)
}

function memberNode(owner: FieldType, type: FieldType, value: JsonValue): FieldSet | undefined {
  const node = nodeOf(type, value)
  const isEmpty = value === null || (isJsonObject(value) && Object.keys(value).length === 0)
  return owner.kind !== 'struct' || isEmpty ? asMember(node ?? leafNode) : node
}

function nodeOf(type: FieldType, value: JsonValue): FieldSet | undefined {
  const isLeaf = type.kind === 'leaf' || (type.kind === 'deduced' && !isJsonObject(value))
  return builderOf(type, value).node(isLeaf)
}

/**
 * The same set with every struct's field in it below which something is: removing what an applier
 * gave up has to take the structs around it along, as far as nobody else has anything there.
 */
export function withStructFields(type: FieldType, set: FieldSet): FieldSet {
  const builder = new SetBuilder()
  for (const [element, node] of Object.entries(set)) {
    if (element === '.') continue
    const child = childType(type, element)
    const isField = type.kind === 'struct' && child !== undefined
    const deep = child ? withStructFields(child, node) : node
    builder.add(element, isField ? asMember(deep) : deep)
  }
  return Object.hasOwn(set, '.') ? (builder.node(true) ?? leafNode) : builder.set()
}

function childType(type: FieldType, element: string): FieldType | undefined {
  if (element.startsWith('f:')) return memberType(type, element.slice(2))
  return type.kind === 'list-map' ? type.element : undefined
}
