import { describe, expect, it } from 'vitest'
import { deleteOptions, listOptions, patchOptions, watchOptions, writeOptions } from './options.ts'

const query = (text: string) => new URLSearchParams(text)

describe('list and watch options', () => {
  it('leaves out what is not given, and empty values', () => {
    expect(listOptions(query('labelSelector=&limit=0'))).toEqual({})
  })

  it('reads every option', () => {
    const text =
      'labelSelector=a%3Db&fieldSelector=c%3Dd&limit=5&continue=x&resourceVersion=7&resourceVersionMatch=Exact'
    expect(listOptions(query(text))).toEqual({
      labelSelector: 'a=b',
      fieldSelector: 'c=d',
      limit: 5,
      continue: 'x',
      resourceVersion: '7',
      resourceVersionMatch: 'Exact',
    })
  })

  it('a list cannot send initial events (H-09)', () => {
    expect(() => listOptions(query('sendInitialEvents=true'))).toThrow(
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    )
  })

  it.each([
    ['sendInitialEvents=false', { sendInitialEvents: false }],
    ['sendInitialEvents', { sendInitialEvents: true }],
    ['allowWatchBookmarks=1&timeoutSeconds=9', { allowWatchBookmarks: true, timeoutSeconds: 9 }],
    ['allowWatchBookmarks=0', {}],
  ])('%s', (text, expected) => {
    expect(watchOptions(query(text))).toEqual(expected)
  })
})

describe('write options (H-19, H-20)', () => {
  it('reads every option', () => {
    const text = 'dryRun=All&fieldManager=me&fieldValidation=Strict'
    const expected = { dryRun: true, fieldManager: 'me', fieldValidation: 'Strict' }
    expect(writeOptions(query(text), 'CreateOptions')).toEqual(expected)
  })

  it.each([
    ['dryRun=Some', 'dryRun: Unsupported value: ["Some"]: supported values: "All"'],
    [
      'fieldValidation=x',
      'fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"',
    ],
    [`fieldManager=${'x'.repeat(129)}`, 'fieldManager: Too long: may not be more than 128 bytes'],
    [
      'fieldManager=a%07',
      'fieldManager: Invalid value: "a\\u0007": should only contain printable characters',
    ],
  ])('%s is refused with 422', (text, body) => {
    const message = `PatchOptions.meta.k8s.io "" is invalid: ${body}`
    const error = expect.objectContaining({ code: 422, message })
    expect(() => writeOptions(query(text), 'PatchOptions')).toThrow(error)
  })
})

describe('patch options (H-12, H-15)', () => {
  const apply = 'application/apply-patch+yaml'
  const merge = 'application/merge-patch+json'

  it('an apply may force, and has to say who applies', () => {
    const options = { fieldManager: 'me', force: true }
    expect(patchOptions(query('fieldManager=me&force=true'), apply)).toEqual(options)
    expect(patchOptions(query('fieldManager=me&force=false'), apply)).toEqual({
      fieldManager: 'me',
    })
  })

  it.each([
    [apply, '', 'fieldManager: Required value: is required for apply patch'],
    [merge, 'force=false', 'force: Forbidden: may not be specified for non-apply patch'],
  ])('%s with ?%s is refused with 422', (type, text, body) => {
    const message = `PatchOptions.meta.k8s.io "" is invalid: ${body}`
    const error = expect.objectContaining({ code: 422, message })
    expect(() => patchOptions(query(text), type)).toThrow(error)
  })
})

describe('delete options (H-23)', () => {
  it('come from the query when there is no body', () => {
    const text = 'gracePeriodSeconds=0&propagationPolicy=Orphan&dryRun=All'
    expect(deleteOptions(query(text), undefined)).toEqual({
      gracePeriodSeconds: 0,
      propagationPolicy: 'Orphan',
      dryRun: ['All'],
    })
  })

  it('come from the body when there is one', () => {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'u' } }
    expect(deleteOptions(query('gracePeriodSeconds=5'), body)).toEqual({
      preconditions: { uid: 'u' },
    })
  })

  it('a body may say zero, and null for nothing', () => {
    const body = { gracePeriodSeconds: 0, preconditions: { uid: null }, dryRun: null }
    expect(deleteOptions(query(''), body)).toEqual({ gracePeriodSeconds: 0, preconditions: {} })
  })

  it.each([
    { kind: 'Pod' },
    { gracePeriodSeconds: '5' },
    { dryRun: 'All' },
    { preconditions: { resourceVersion: { toString: [] } } },
    [],
  ])('%j is refused with 400', (body) => {
    const error = expect.objectContaining({ reason: 'BadRequest' })
    expect(() => deleteOptions(query(''), body)).toThrow(error)
  })
})
