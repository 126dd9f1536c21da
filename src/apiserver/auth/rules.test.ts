import { describe, expect, test } from 'vitest'
import type { PolicyRule } from '../../api/generated/types.ts'
import { accessDenied, type ResourceAccess } from './access.ts'
import { allows } from './rules.ts'

const getPod: ResourceAccess = {
  verb: 'get',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: 'app',
}
const pods: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
const named: PolicyRule = { ...pods, verbs: ['*'], resourceNames: ['app'] }
const on = (resources: string): PolicyRule => ({ ...pods, resources: [resources] })

interface Case {
  readonly what: string
  readonly rule: PolicyRule
  readonly access?: Partial<ResourceAccess>
  readonly is: boolean
}

const cases: readonly Case[] = [
  { what: 'exactly this', rule: pods, is: true },
  { what: 'another verb', rule: pods, access: { verb: 'list' }, is: false },
  { what: 'any verb', rule: { ...pods, verbs: ['*'] }, access: { verb: 'escalate' }, is: true },
  { what: 'another group', rule: pods, access: { group: 'apps' }, is: false },
  { what: 'any group', rule: { ...pods, apiGroups: ['*'] }, access: { group: 'apps' }, is: true },
  { what: 'another resource', rule: pods, access: { resource: 'secrets' }, is: false },
  { what: 'any resource', rule: on('*'), access: { resource: 'secrets' }, is: true },
  {
    what: 'any resource is any subresource',
    rule: on('*'),
    access: { subresource: 'log' },
    is: true,
  },
  {
    what: 'a resource is not its subresource',
    rule: pods,
    access: { subresource: 'log' },
    is: false,
  },
  { what: 'a subresource', rule: on('pods/log'), access: { subresource: 'log' }, is: true },
  { what: 'a subresource is not the resource', rule: on('pods/log'), is: false },
  { what: 'a subresource of all', rule: on('*/scale'), access: { subresource: 'scale' }, is: true },
  { what: 'another one of all', rule: on('*/scale'), access: { subresource: 'status' }, is: false },
  { what: 'no pattern but the two', rule: on('po*'), is: false },
  { what: 'a name', rule: named, is: true },
  { what: 'another name', rule: named, access: { name: 'other' }, is: false },
  { what: 'a name is no collection', rule: named, access: { verb: 'list', name: '' }, is: false },
  {
    what: 'a name cannot be created',
    rule: named,
    access: { verb: 'create', name: '' },
    is: false,
  },
  { what: 'empty names are none', rule: { ...pods, resourceNames: [] }, is: true },
  { what: 'a rule about paths', rule: { verbs: ['*'], nonResourceURLs: ['*'] }, is: false },
  { what: 'no groups', rule: { verbs: ['*'], resources: ['*'] }, is: false },
]

test.each(cases)('a rule and a request for a resource: $what', ({ rule, access, is }) => {
  expect(allows(rule, { ...getPod, ...access })).toBe(is)
})

const paths: readonly (readonly [url: string, path: string, is: boolean])[] = [
  ['/healthz', '/healthz', true],
  ['/healthz', '/healthz/ping', false],
  ['/healthz/*', '/healthz/ping', true],
  ['/api*', '/apis/apps', true],
  ['*', '/metrics', true],
  ['/*/ping', '/healthz/ping', false],
]

test.each(paths)('a rule for %s and the path %s: %s', (url, path, is) => {
  expect(allows({ verbs: ['get'], nonResourceURLs: [url] }, { verb: 'get', path })).toBe(is)
  expect(allows({ verbs: ['get'], nonResourceURLs: [url] }, { verb: 'put', path })).toBe(false)
})

describe('a refusal says, in upstream’s words,', () => {
  test.each([
    [
      'a collection in a namespace',
      { verb: 'list', group: 'apps', resource: 'deployments', name: '' },
      'deployments.apps is forbidden: User "x" cannot list resource "deployments" in API group "apps" in the namespace "default"',
    ],
    [
      'a subresource of an object',
      { subresource: 'log' },
      'pods "app" is forbidden: User "x" cannot get resource "pods/log" in API group "" in the namespace "default"',
    ],
    [
      'the cluster',
      { resource: 'nodes', namespace: '', name: 'n1', verb: 'patch' },
      'nodes "n1" is forbidden: User "x" cannot patch resource "nodes" in API group "" at the cluster scope',
    ],
  ])('%s', (_what, access, message) => {
    const error = accessDenied('x', { ...getPod, ...access }, '')
    expect(error.message).toBe(message)
    expect(error.code).toBe(403)
  })

  test('a path, and why a role could not be looked at', () => {
    const error = accessDenied('x', { verb: 'get', path: '/a' }, 'RBAC: because')
    expect(error.message).toBe('forbidden: User "x" cannot get path "/a": RBAC: because')
  })
})
