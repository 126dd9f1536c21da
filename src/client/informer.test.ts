import { expect, test } from 'vitest'
import type { Pod } from '../api/generated/types.ts'
import { pods } from '../api/scheme.ts'
import { CachedInformer } from './informer.ts'

function pod(name: string, resourceVersion: string, uid = `uid-${name}`): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'x', name, uid, resourceVersion } }
}

const text = ({ metadata }: Pod) => `${metadata.name}@${metadata.resourceVersion}`

function given() {
  const informer = new CachedInformer(pods)
  const heard: string[] = []
  const listen = (who = '') =>
    informer.addHandler({
      added: (object) => heard.push(`${who}added ${text(object)}`),
      updated: (object, previous) => heard.push(`${who}updated ${text(previous)} ${text(object)}`),
      deleted: (object) => heard.push(`${who}deleted ${text(object)}`),
    })
  return { informer, heard, listen }
}

test('events become added, updated and deleted with the last state known', () => {
  const { informer, heard, listen } = given()
  listen()
  informer.replaced([pod('a', '1')])
  informer.changed('ADDED', pod('b', '2'))
  informer.changed('MODIFIED', pod('a', '3'))
  informer.changed('DELETED', pod('a', '4'))
  informer.changed('DELETED', pod('unknown', '5'))
  expect(heard).toEqual(['added a@1', 'added b@2', 'updated a@1 a@3', 'deleted a@4'])
  expect(informer.lister.list().map(text)).toEqual(['b@2'])
})

test('a later list is heard as the difference: deletions first, nothing for what is unchanged', () => {
  const { informer, heard, listen } = given()
  informer.replaced([pod('a', '1'), pod('b', '2'), pod('c', '3')])
  listen()
  heard.length = 0
  informer.replaced([pod('b', '9'), pod('c', '3'), pod('d', '8')])
  expect(heard).toEqual(['deleted a@1', 'updated b@2 b@9', 'added d@8'])
})

test('another object of the same name is a deletion and an addition', () => {
  const { informer, heard, listen } = given()
  informer.replaced([pod('a', '1', 'first')])
  listen()
  heard.length = 0
  informer.changed('MODIFIED', pod('a', '5', 'second'))
  informer.replaced([pod('a', '9', 'third')])
  expect(heard).toEqual(['deleted a@1', 'added a@5', 'deleted a@5', 'added a@9'])
})

test('a handler that comes late is told what there is; others are not told again', () => {
  const { informer, heard, listen } = given()
  listen('1 ')
  informer.replaced([pod('a', '1')])
  listen('2 ')
  informer.changed('MODIFIED', pod('a', '2'))
  expect(heard).toEqual(['1 added a@1', '2 added a@1', '1 updated a@1 a@2', '2 updated a@1 a@2'])
})

test('a handler added by a handler hears every object once', () => {
  const { informer, heard, listen } = given()
  let isFirst = true
  informer.addHandler({
    added: () => {
      if (isFirst) listen()
      isFirst = false
    },
  })
  informer.replaced([pod('a', '1'), pod('b', '2')])
  expect(heard).toEqual(['added a@1', 'added b@2'])
})

test('no handler sees a part of a list, or an index behind the cache', () => {
  const { informer } = given()
  informer.addIndex('name', ({ metadata }) => [metadata.name ?? ''])
  const seen: unknown[] = []
  const { lister } = informer
  const look = (object: Pod) =>
    void seen.push([lister.list().length, lister.byIndex('name', object.metadata.name ?? '')])
  informer.addHandler({ added: look, updated: look, deleted: look })
  const [a, b, newA] = [pod('a', '1'), pod('b', '2'), pod('a', '3')]
  informer.replaced([a, b])
  informer.changed('MODIFIED', newA)
  informer.changed('DELETED', b)
  expect(seen).toEqual([
    [2, [a]],
    [2, [b]],
    [2, [newA]],
    [1, []],
  ])
})

test('hasSynced comes after the handlers of the first list have run, also of an empty one', async () => {
  const { informer } = given()
  const seen: boolean[] = []
  informer.addHandler({ added: () => seen.push(informer.hasSynced) })
  informer.replaced([pod('a', '1')])
  expect([...seen, informer.hasSynced]).toEqual([false, true])
  await informer.synced

  const empty = given().informer
  empty.replaced([])
  expect(empty.hasSynced).toBe(true)
})
