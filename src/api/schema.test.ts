import { describe, expect, test } from 'vitest'
import { AssertionError } from '../base/assert.ts'
import { modelRows } from './generated/schema.ts'
import { goTypeOf, modelSchema } from './schema.ts'
import {
  alwaysWritten,
  microTimes,
  namedTypes,
  pointers,
  quantities,
  structNames,
  values,
} from './schema-facts.ts'

describe('schema', () => {
  test('finds a field and the model behind it', () => {
    const template = modelSchema('DeploymentSpec').fields.get('template')
    expect(template).toMatchObject({ shape: 'one', required: true, isPointer: false })
    expect(template?.element).toBe(modelSchema('PodTemplateSpec'))
  })

  test('an unknown model is a bug, not undefined', () => {
    expect(() => modelSchema('toString')).toThrow(AssertionError)
  })

  test.each([
    ['DeploymentSpec', 'replicas', 'int32'],
    ['PodSpec', 'containers', '[]v1.Container'],
    ['ObjectMeta', 'labels', 'map[string]string'],
    ['Secret', 'data', 'map[string][]uint8'],
    ['ResourceRequirements', 'limits', 'v1.ResourceList'],
    ['Container', 'imagePullPolicy', 'v1.PullPolicy'],
    ['Capabilities', 'add', '[]v1.Capability'],
    ['Endpoints', 'subsets', '[]v1.EndpointSubset'],
    ['EndpointSubset', 'ports', '[]v1.EndpointPort'],
  ])('%s.%s is a Go %s', (model, field, goType) => {
    const schema = modelSchema(model).fields.get(field)
    expect(schema && goTypeOf(schema)).toBe(goType)
  })

  test('every fact names a field that exists', () => {
    const facts = [quantities, microTimes, pointers, values, alwaysWritten, namedTypes]
    const ids = facts.flatMap((fact) => [...fact.keys()])
    const fields = new Set(
      Object.entries(modelRows).flatMap(([model, rows]) =>
        rows.map(([name]) => `${model}.${name}`),
      ),
    )
    expect(ids.filter((id) => !fields.has(id))).toEqual([])
    expect(Object.keys(structNames).filter((name) => !Object.hasOwn(modelRows, name))).toEqual([])
  })
})
