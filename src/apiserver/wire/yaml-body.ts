import { stringifyJson } from '../../api/json.ts'
import { parseYaml, YamlError } from '../../api/manifest-yaml.ts'
import { badRequest } from '../../api/status-error.ts'

/** A YAML body as JSON text. Throws BadRequest with the line. */
export async function yamlToJson(text: string): Promise<string> {
  try {
    return stringifyJson(await parseYaml(text))
  } catch (error) {
    throw error instanceof YamlError ? badRequest(error.message) : error
  }
}
