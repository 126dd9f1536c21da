import { expect, test } from 'vitest'
import * as errors from './field-errors.ts'
import type { FieldError } from './status-error.ts'

const cases: readonly (readonly [FieldError, string, string])[] = [
  [errors.requiredValue('f'), 'FieldValueRequired', 'Required value'],
  [errors.requiredValue('f', 'why'), 'FieldValueRequired', 'Required value: why'],
  [errors.invalidValue('f', 'a"b', 'why'), 'FieldValueInvalid', 'Invalid value: "a\\"b": why'],
  [errors.invalidValue('f', 3, 'why'), 'FieldValueInvalid', 'Invalid value: 3: why'],
  [errors.invalidValue('f', true, 'why'), 'FieldValueInvalid', 'Invalid value: true: why'],
  [errors.invalidValue('f', undefined, 'why'), 'FieldValueInvalid', 'Invalid value: null: why'],
  [
    errors.invalidValue('f', { matchLabels: { app: 'x' } }, 'why'),
    'FieldValueInvalid',
    'Invalid value: {"matchLabels":{"app":"x"}}: why',
  ],
  [errors.forbiddenValue('f', 'why'), 'FieldValueForbidden', 'Forbidden: why'],
  [
    errors.unsupportedValue('f', 'Never', ['Always']),
    'FieldValueNotSupported',
    'Unsupported value: "Never": supported values: "Always"',
  ],
  [errors.duplicateValue('f', 'a'), 'FieldValueDuplicate', 'Duplicate value: "a"'],
  [errors.missingReference('f', 'a'), 'FieldValueNotFound', 'Not found: "a"'],
  [
    errors.tooLongValue('f', 262_144),
    'FieldValueTooLong',
    'Too long: may not be more than 262144 bytes',
  ],
  [errors.tooManyItems('f', 9, 8), 'FieldValueTooMany', 'Too many: 9: must have at most 8 items'],
  [errors.invalidType('f', 1, 'why'), 'FieldValueTypeInvalid', 'Invalid value: 1: why'],
]

test.each(cases)('A-21, V-01: %o', (error, reason, body) => {
  expect(error).toEqual({ reason, field: 'f', body })
})
