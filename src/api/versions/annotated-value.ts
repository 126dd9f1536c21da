import { decodeModel, ModelError } from '../decode-model.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../json.ts'
import { modelSchema } from '../schema.ts'

/** What `make` returns, as a value of a model; undefined where it is none. */
export function read<T>(model: string, make: () => JsonValue): T | undefined {
  try {
    const value = make()
    return isJsonObject(value) ? (decodeModel(modelSchema(model), value).value as T) : undefined
  } catch (error) {
    if (error instanceof ModelError || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * The list that an annotation's JSON text holds, each element converted and of a model; undefined
 * where there is no such annotation, or none that can be read.
 */
export function readList<T>(
  model: string,
  convert: (element: JsonObject) => JsonValue,
  text: string | undefined,
): readonly T[] | undefined {
  const list = text === undefined ? undefined : parsed(text)
  if (!Array.isArray(list)) return undefined
  const elements = list.map((element: JsonValue) =>
    isJsonObject(element) ? read<T>(model, () => convert(element)) : undefined,
  )
  return elements.every((element) => element !== undefined) ? elements : undefined
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
