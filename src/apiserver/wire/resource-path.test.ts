import { expect, it } from 'vitest'
import { parseResourcePath } from './resource-path.ts'

const core = { group: '', version: 'v1', isWatch: false }
const apps = { group: 'apps', version: 'v1', isWatch: false }

it.each([
  ['/api/v1/pods', { ...core, plural: 'pods' }],
  ['/api/v1/nodes/n', { ...core, plural: 'nodes', name: 'n' }],
  ['/api/v1/namespaces', { ...core, plural: 'namespaces' }],
  ['/api/v1/namespaces/a', { ...core, plural: 'namespaces', name: 'a' }],
  [
    '/api/v1/namespaces/a/finalize',
    { ...core, plural: 'namespaces', name: 'a', subresource: 'finalize' },
  ],
  [
    '/api/v1/namespaces/a/status',
    { ...core, plural: 'namespaces', name: 'a', subresource: 'status' },
  ],
  ['/api/v1/namespaces/a/pods', { ...core, namespace: 'a', plural: 'pods' }],
  [
    '/api/v1/namespaces/a/pods/b/log',
    { ...core, namespace: 'a', plural: 'pods', name: 'b', subresource: 'log' },
  ],
  ['/apis/apps/v1/deployments', { ...apps, plural: 'deployments' }],
  [
    '/apis/apps/v1/namespaces/a/deployments/b/scale',
    { ...apps, namespace: 'a', plural: 'deployments', name: 'b', subresource: 'scale' },
  ],
  ['/api/v1/watch/pods', { ...core, plural: 'pods', isWatch: true }],
  [
    '/api/v1/watch/namespaces/a/pods/b',
    { ...core, namespace: 'a', plural: 'pods', name: 'b', isWatch: true },
  ],
  ['/api/v1/pods/', { ...core, plural: 'pods' }],
  ['/api/v1/nodes/a%3Ab', { ...core, plural: 'nodes', name: 'a:b' }],
])('%s', (path, expected) => {
  expect(parseResourcePath(path)).toEqual(expected)
})

it.each([
  '/',
  '/api',
  '/api/v1',
  '/apis/apps',
  '/apis/apps/v1',
  '/healthz',
  '/api/v1//pods',
  '/api/v1/namespaces/a/pods/b/log/c',
])('%s is no resource', (path) => {
  expect(parseResourcePath(path)).toBeUndefined()
})
