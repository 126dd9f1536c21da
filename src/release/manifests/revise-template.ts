import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { comparableTemplate, digest, templateOf } from '../template.ts'

/**
 * The manifest with the least change that makes it mean `target` (defaulted): what is the same
 * stays as it is written, defaults stay unwritten.
 */
export function reviseManifest(manifest: JsonObject, target: PodTemplateSpec): JsonObject {
  const meant = templateOf(manifest)
  const spec = isJsonObject(manifest.spec) ? manifest.spec : {}
  const wanted = comparableTemplate(target) as unknown as JsonValue
  const template = revised(spec.template, meant as unknown as JsonValue, wanted)
  return { ...manifest, spec: { ...spec, template } }
}

const isSame = (a: JsonValue | undefined, b: JsonValue | undefined) =>
  digest(a ?? null) === digest(b ?? null)

/**
 * `written`: as in the manifest; `meant`: the same with its defaults; `wanted`: what it shall mean.
 */
export function revised(
  written: JsonValue | undefined,
  meant: JsonValue | undefined,
  wanted: JsonValue | undefined,
): JsonValue | undefined {
  if (isSame(meant, wanted)) return written
  if (isJsonObject(written) && isJsonObject(meant) && isJsonObject(wanted)) {
    return revisedObject(written, meant, wanted)
  }
  if (Array.isArray(written) && Array.isArray(meant) && Array.isArray(wanted)) {
    return revisedList(written, meant, wanted)
  }
  return wanted
}

function revisedObject(written: JsonObject, meant: JsonObject, wanted: JsonObject): JsonObject {
  const added = Object.keys(wanted).filter((key) => !Object.hasOwn(written, key))
  const members = [...Object.keys(written), ...added].flatMap((key) => {
    const value = revised(written[key], meant[key], wanted[key])
    return value === undefined || !(Object.hasOwn(written, key) || !isSame(meant[key], wanted[key]))
      ? []
      : [[key, value] as const]
  })
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}

/** Members with a name are matched by it, others by their place. */
function revisedList(
  written: readonly JsonValue[],
  meant: readonly JsonValue[],
  wanted: readonly JsonValue[],
): readonly JsonValue[] {
  return wanted.map((member, place) => {
    const at =
      isJsonObject(member) && typeof member.name === 'string'
        ? meant.findIndex((each) => isJsonObject(each) && each.name === member.name)
        : place
    return revised(written[at], meant[at], member) ?? member
  })
}
