import { expect, test } from 'vitest'
import { modelRows } from '../../api/generated/schema.ts'
import { modelSchema } from '../../api/schema.ts'
import { enums } from './openapi-enums.ts'

test('every closed list is of a field that is there, and of text', () => {
  const fields = [...enums.keys()].map((id) => id.split('.') as [string, string])
  for (const [model, field] of fields.filter(([model]) => Object.hasOwn(modelRows, model))) {
    expect(modelSchema(model).fields.get(field), `${model}.${field}`).toMatchObject({
      shape: 'one',
      element: 'string',
    })
  }
})
