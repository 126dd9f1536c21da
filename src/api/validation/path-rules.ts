import { invalidValue } from '../field-errors.ts'
import { type Errors, nonNegative } from './rules.ts'

/** A path inside something: relative, and never upwards. */
export function validateDescendingPath(path: string, value: string): Errors {
  const errors = [...validateNoBacksteps(path, value)]
  if (value.startsWith('/')) errors.unshift(invalidValue(path, value, 'must be a relative path'))
  return errors
}

/** As a descending path, and not a name that the kubelet keeps for itself (`..data`). */
export function validateLocalPath(path: string, value: string): Errors {
  const errors = [...validateDescendingPath(path, value)]
  if (value.startsWith('..') && !value.startsWith('../') && value !== '..') {
    errors.push(invalidValue(path, value, "must not start with '..'"))
  }
  return errors
}

export function validateNoBacksteps(path: string, value: string): Errors {
  const isUpwards = value.split('/').includes('..')
  return isUpwards ? [invalidValue(path, value, "must not contain '..'")] : []
}

/** Permission bits, which JSON writes in decimal. */
export function validateFileMode(path: string, mode: number | undefined): Errors {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  const detail = 'must be a number between 0 and 0777 (octal), both inclusive'
  return [invalidValue(path, mode, detail)]
}

const idMax = 2_147_483_647

/** A Unix user or group. */
export function validateId(path: string, id: number | undefined): Errors {
  if (id === undefined || (nonNegative(path, id).length === 0 && id <= idMax)) return []
  return [invalidValue(path, id, `must be between 0 and ${idMax}, inclusive`)]
}
