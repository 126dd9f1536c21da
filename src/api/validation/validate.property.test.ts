import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arbitraryModel } from '../arbitrary-model.fixture.ts'
import { decodeObject } from '../decode.ts'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import type { JsonObject } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { scheme } from '../scheme.ts'
import type { FieldError } from '../status-error.ts'
import { validateCreate, validateStatusUpdate, validateUpdate, warningsFor } from './validate.ts'

const path = /^([\w{}, -]+|\[[^[\]]*\])?(\.[\w{}, /.-]+|\[[^[\]]*\])*$/

function isToldWell({ reason, field, body }: FieldError): boolean {
  return /^FieldValue[A-Z]/.test(reason) && path.test(field) && !/undefined|\[object/.test(body)
}

describe.each(scheme.map((resource) => [resource.kind, resource] as const))(
  '%s',
  (kind, resource) => {
    const prepare = (value: object): KubeObject => {
      const source = { value: { ...(value as JsonObject), kind, apiVersion: undefined } }
      return applyDefaults(resource, decodeObject(resource, source, 'Ignore').object)
    }
    const objects = arbitraryModel(kind).map((value) => {
      const { apiVersion: _, ...rest } = value as { readonly apiVersion?: unknown }
      return prepare(rest)
    })

    test('whatever decodes is judged, never thrown at', () => {
      fc.assert(
        fc.property(objects, objects, (next, previous) => {
          const errors = [
            ...validateCreate(resource, next),
            ...validateUpdate(resource, next, previous),
            ...validateStatusUpdate(resource, next, previous),
          ]
          expect(errors.filter((error) => !isToldWell(error))).toEqual([])
          expect(warningsFor(resource, next).every((text) => text !== '')).toBe(true)
        }),
        { numRuns: 50 },
      )
    })

    test('an update that changes nothing is no worse than the object', () => {
      fc.assert(
        fc.property(objects, (object) => {
          const same = { ...object, metadata: { ...object.metadata, resourceVersion: '1' } }
          const known = new Set(validateCreate(resource, same).map(({ field }) => field))
          const added = validateUpdate(resource, same, same).filter(
            // Of a status nothing is checked on create.
            ({ field }) => !known.has(field) && !field.startsWith('status.'),
          )
          expect(added).toEqual([])
        }),
        { numRuns: 50 },
      )
    })
  },
)
