import { parseJson, stringifyJson } from '../../api/json.ts'
import { parseYaml, YamlError } from '../../api/manifest-yaml.ts'
import { badRequest } from '../../api/status-error.ts'

/** A YAML body as JSON text. Throws BadRequest with the line. */
export async function yamlToJson(text: string): Promise<string> {
  if (isJson(text)) return text
  try {
    return stringifyJson(await parseYaml(text))
  } catch (error) {
    throw error instanceof YamlError ? badRequest(error.message) : error
  }
}

/** JSON is YAML too, and most of what comes as YAML is JSON: kubectl converts what it reads. */
function isJson(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false
  try {
    parseJson(text)
    return true
  } catch {
    return false
  }
}
