import type { JsonValue } from '../../api/json.ts'
import type { CliIo } from '../io.ts'
import { jsonText } from '../print/json-text.ts'
import { yamlText } from '../print/yaml-text.ts'

/** A value of our own as `-o json` or `-o yaml`; undefined members are left out. */
export function printValue(
  { stdout }: Pick<CliIo, 'stdout'>,
  form: 'json' | 'yaml',
  value: object,
) {
  const json = value as JsonValue
  stdout.write(form === 'json' ? jsonText(json) : yamlText(json))
}
