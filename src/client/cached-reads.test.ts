import { expect, test } from 'vitest'
import type { Pod } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { pods, secrets } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { withCachedReads } from './cached-reads.ts'
import { CachedInformer } from './informer.ts'
import type { Informer, Informers } from './lister.ts'

function pod(namespace: string, name: string, labels: Record<string, string> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels } }
}

/** What is not answered by caches is noted, and answered with nothing. */
function given(...objects: readonly Pod[]) {
  const cache = new CachedInformer(pods)
  cache.replaced(objects)
  const informers: Informers = {
    for: <T extends KubeObject>(resource: Resource<T>) => {
      expect(resource).toBe(pods)
      return cache as unknown as Informer<T>
    },
    start: async () => {},
    stop: async () => {},
  }
  const asked: string[] = []
  const inner = new Proxy({} as Transport, {
    get: (_, verb) => async (resource: Resource) => {
      asked.push(`${String(verb)} ${resource.plural}`)
      return { items: [] }
    },
  })
  return { transport: withCachedReads(inner, informers, [pods]), asked }
}

test('an object comes from the cache, and is not found as by the API', async () => {
  const a = pod('x', 'a')
  const { transport, asked } = given(a)
  expect(await transport.get(pods, { namespace: 'x', name: 'a' })).toBe(a)
  const refused = await transport.get(pods, { namespace: 'y', name: 'a' }).catch((error) => error)
  expect(isStatusError(refused, 'NotFound')).toBe(true)
  expect(refused.message).toBe('pods "a" not found')
  expect(asked).toEqual([])
})

test('a list is of one namespace or all, by labels', async () => {
  const { transport, asked } = given(
    pod('x', 'a', { app: 'web' }),
    pod('x', 'b', { app: 'db' }),
    pod('y', 'c', { app: 'web' }),
  )
  const names = async (namespace: string | undefined, labelSelector?: string) => {
    const options = labelSelector === undefined ? {} : { labelSelector }
    const { items } = await transport.list(pods, { namespace }, options)
    return items.map(({ metadata }) => metadata.name).join()
  }
  expect(await names('x')).toBe('a,b')
  expect(await names('x', 'app=web')).toBe('a')
  expect(await names(undefined, 'app in (web)')).toBe('a,c')
  expect(asked).toEqual([])
})

test('writes, other resources, subresources, fields and pages are asked of the API', async () => {
  const { transport, asked } = given(pod('x', 'a'))
  const key = { namespace: 'x', name: 'a' }
  await transport.get(secrets, key)
  await transport.list(secrets, {})
  await transport.get(pods, key, 'status')
  await transport.list(pods, {}, { fieldSelector: 'spec.nodeName=n' })
  await transport.list(pods, {}, { limit: 1 })
  await transport.update(pods, key, pod('x', 'a'))
  await transport.delete(pods, key)
  expect(asked).toEqual([
    'get secrets',
    'list secrets',
    'get pods',
    'list pods',
    'list pods',
    'update pods',
    'delete pods',
  ])
})
