import { decodeValue } from '../../api/decode.ts'
import {
  forbiddenValue,
  invalidValue,
  requiredValue,
  tooLongValue,
  unsupportedValue,
} from '../../api/field-errors.ts'
import type { DeleteOptions } from '../../api/generated/types.ts'
import { isJsonObject, type JsonValue } from '../../api/json.ts'
import { presentMembers } from '../../api/present-members.ts'
import { badRequest, type FieldError, invalid } from '../../api/status-error.ts'
import type { ListOptions, WatchOptions, WriteOptions } from '../../api/transport.ts'
import { applyPatchType } from '../apply.ts'

/** Present, and neither `false` nor `0`: how the API reads booleans from a query. */
export function booleanOf(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

/** Throws BadRequest when the value is not an integer. */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^[+-]?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  return Number(value)
}

const textOf = (query: URLSearchParams, name: string) => query.get(name) || undefined

/** Throws 422 for what only a watch may ask (H-09). */
export function listOptions(query: URLSearchParams): ListOptions {
  if (query.has('sendInitialEvents')) {
    const why = forbiddenValue('sendInitialEvents', 'sendInitialEvents is forbidden for list')
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [why])
  }
  return presentMembers<ListOptions>({
    labelSelector: textOf(query, 'labelSelector'),
    fieldSelector: textOf(query, 'fieldSelector'),
    limit: integerOf(query, 'limit') || undefined,
    continue: textOf(query, 'continue'),
    resourceVersion: textOf(query, 'resourceVersion'),
    resourceVersionMatch: textOf(query, 'resourceVersionMatch') as
      | ListOptions['resourceVersionMatch']
      | undefined,
  })
}

export function watchOptions(query: URLSearchParams): WatchOptions {
  return presentMembers<WatchOptions>({
    labelSelector: textOf(query, 'labelSelector'),
    fieldSelector: textOf(query, 'fieldSelector'),
    resourceVersion: textOf(query, 'resourceVersion'),
    resourceVersionMatch: textOf(query, 'resourceVersionMatch') as
      | WatchOptions['resourceVersionMatch']
      | undefined,
    allowWatchBookmarks: booleanOf(query, 'allowWatchBookmarks') || undefined,
    sendInitialEvents: query.has('sendInitialEvents')
      ? booleanOf(query, 'sendInitialEvents')
      : undefined,
    timeoutSeconds: integerOf(query, 'timeoutSeconds') || undefined,
  })
}

type WriteKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'

function managerErrors(manager: string | undefined): readonly FieldError[] {
  const field = 'fieldManager'
  if (manager === undefined) return []
  if (Buffer.byteLength(manager) > 128) return [tooLongValue(field, 128)]
  if (/^\P{C}*$/u.test(manager)) return []
  return [invalidValue(field, manager, 'should only contain printable characters')]
}

const validations = ['', 'Ignore', 'Strict', 'Warn']

/** Options of a patch (H-12): an apply has to say who applies, and it alone may force (H-15). */
export function patchOptions(query: URLSearchParams, patchType: string): WriteOptions {
  const isApply = patchType === applyPatchType
  const errors: FieldError[] = []
  if (!isApply && query.has('force')) {
    errors.push(forbiddenValue('force', 'may not be specified for non-apply patch'))
  }
  if (isApply && !textOf(query, 'fieldManager')) {
    errors.push(requiredValue('fieldManager', 'is required for apply patch'))
  }
  const options = writeOptions(query, 'PatchOptions', errors)
  return booleanOf(query, 'force') ? { ...options, force: true } : options
}

/** Options of a create or update (H-19, H-20). Throws Invalid (422), with `found` first. */
export function writeOptions(
  query: URLSearchParams,
  kind: WriteKind,
  found: readonly FieldError[] = [],
): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  const fieldManager = textOf(query, 'fieldManager')
  const fieldValidation = query.get('fieldValidation') ?? ''
  const errors = [...found, ...managerErrors(fieldManager)]
  if (dryRun.some((value) => value !== 'All')) {
    errors.unshift(unsupportedValue('dryRun', dryRun, ['All']))
  }
  if (!validations.includes(fieldValidation)) {
    errors.push(unsupportedValue('fieldValidation', fieldValidation, validations))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  return presentMembers<WriteOptions>({
    dryRun: dryRun.length > 0 || undefined,
    fieldManager,
    fieldValidation: (fieldValidation || undefined) as WriteOptions['fieldValidation'],
  })
}

/**
 * Options of a delete, from the body where there is one, else from the query (H-23); only their
 * types are checked. Throws BadRequest.
 */
export function deleteOptions(
  query: URLSearchParams,
  body: JsonValue | undefined,
): Partial<DeleteOptions> {
  return body === undefined ? fromQuery(query) : fromBody(body)
}

function fromQuery(query: URLSearchParams): Partial<DeleteOptions> {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  return presentMembers<Partial<DeleteOptions>>({
    dryRun: dryRun.length > 0 ? dryRun : undefined,
    gracePeriodSeconds: integerOf(query, 'gracePeriodSeconds'),
    propagationPolicy: textOf(query, 'propagationPolicy'),
    orphanDependents: query.has('orphanDependents')
      ? booleanOf(query, 'orphanDependents')
      : undefined,
  })
}

function fromBody(body: JsonValue): Partial<DeleteOptions> {
  if (!isJsonObject(body)) throw badRequest('the body of a delete must be a DeleteOptions object')
  if (body.kind !== undefined && body.kind !== 'DeleteOptions') {
    throw badRequest('decoded object cannot be converted to DeleteOptions')
  }
  const { object } = decodeValue<DeleteOptions>('DeleteOptions', { value: body }, 'Ignore')
  const { dryRun, gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = object
  return presentMembers<Partial<DeleteOptions>>({
    dryRun,
    gracePeriodSeconds: gracePeriodSeconds === undefined ? undefined : Number(gracePeriodSeconds),
    propagationPolicy,
    orphanDependents,
    preconditions,
  })
}
