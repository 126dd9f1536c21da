import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap, OwnerReference, Secret } from '../../src/api/generated/types.ts'
import type { Resource } from '../../src/api/resource.ts'
import { configMaps, events, namespaces, replicaSets, secrets } from '../../src/api/scheme.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import type { Transport } from '../../src/api/transport.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informers } from '../../src/client/lister.ts'
import { createEventRecorder, type Recorder } from '../../src/client/recorder.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { garbageCollector } from '../../src/controllers/garbage-collector/controller.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

let api: GivenApi
let informers: Informers
let collector: Controller
let recorder: Recorder
/** While it is set, what happens to ConfigMaps is not seen: each event waits for its call. */
let heldBack: (() => void)[] | undefined

/** Watches of ConfigMaps alone can be held back: a cache that is behind the others. */
function holdable(transport: Transport): Transport {
  return {
    ...transport,
    watch: (resource, where, options, sink) =>
      transport.watch(resource, where, options, {
        ...sink,
        event(event) {
          if (heldBack && (resource as Resource) === configMaps) {
            heldBack.push(() => sink.event(event))
          } else sink.event(event)
        },
      }),
  }
}

beforeEach(async () => {
  heldBack = undefined
  api = await givenApi()
  const { context, transport } = api
  informers = createInformers(context, holdable(transport))
  recorder = createEventRecorder(context, { transport, component: 'garbage-collector' })
  collector = garbageCollector({ context, transport, informers, recorder })
  await informers.start()
  collector.start()
})

afterEach(async () => {
  await collector.stop()
  await informers.stop()
  await api.stop()
})

type Owners = readonly (ConfigMap | { readonly reference: OwnerReference })[]

function referenceTo(owner: ConfigMap | Secret): OwnerReference {
  const { name = '', uid = '' } = owner.metadata
  return { apiVersion: 'v1', kind: owner.kind ?? '', name, uid, blockOwnerDeletion: true }
}

function createSecret(name: string): Promise<Secret> {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name } }
  return api.transport.create(secrets, { namespace: 'default' }, object)
}

function create(name: string, owners: Owners = [], namespace = 'default'): Promise<ConfigMap> {
  const ownerReferences = owners.map((owner) =>
    'reference' in owner ? owner.reference : referenceTo(owner),
  )
  const metadata = { name, ownerReferences }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
  return api.transport.create(configMaps, { namespace }, object)
}

const key = (name: string) => ({ namespace: 'default', name })

async function read(name: string): Promise<ConfigMap | undefined> {
  try {
    return await api.transport.get(configMaps, key(name))
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}

/** Until the collector has had time for everything that follows from what was done. */
const quiet = () => api.clock.advance(5_000)

describe('garbage collector', () => {
  it('E-01: deletes what nobody owns any more, down the chain', async () => {
    const a = await create('a')
    const b = await create('b', [a])
    await create('c', [b])
    await api.transport.delete(configMaps, key('a'))
    await quiet()
    expect([await read('b'), await read('c')]).toEqual([undefined, undefined])
  })

  it('E-01: keeps what has another owner, without the dangling reference', async () => {
    const [a, b] = [await create('a'), await create('b')]
    await create('c', [a, b])
    await api.transport.delete(configMaps, key('a'))
    await quiet()
    expect((await read('c'))?.metadata.ownerReferences).toEqual([referenceTo(b)])
  })

  it('E-02: takes an owner of the same name but another uid for absent', async () => {
    const a = await create('a')
    const wrong = { ...referenceTo(a), uid: '00000000-0000-4000-a000-000000000000' }
    await create('b', [{ reference: wrong }])
    await quiet()
    expect(await read('b')).toBeUndefined()
  })

  it('E-02: takes an owner in another namespace for absent, and says so', async () => {
    const a = await create('a', [], 'kube-public')
    await create('b', [a])
    await quiet()
    await recorder.idle()
    expect(await read('b')).toBeUndefined()
    const { items } = await api.transport.list(events, { namespace: 'default' })
    expect(items.map(({ reason, message }) => [reason, message])).toEqual([
      [
        'OwnerRefInvalidNamespace',
        `ownerRef [v1/ConfigMap, namespace: default, name: a, uid: ${a.metadata.uid}] does not exist in namespace "default"`,
      ],
    ])
  })

  it('E-02: keeps what is in no namespace and names an owner in one: it cannot be resolved', async () => {
    const a = await create('a')
    const metadata = { name: 'wide', ownerReferences: [referenceTo(a)] }
    const wide = { apiVersion: 'v1', kind: 'Namespace', metadata }
    await api.transport.create(namespaces, {}, wide)
    await quiet()
    await api.transport.delete(configMaps, key('a'))
    await quiet()
    const { metadata: kept } = await api.transport.get(namespaces, { name: 'wide' })
    expect(kept.deletionTimestamp).toBeUndefined()
    expect(kept.ownerReferences).toHaveLength(1)
  })

  it('E-01: keeps what has found another owner, though its cache does not show that yet', async () => {
    const [a, c] = [await createSecret('a'), await createSecret('c')]
    await create('b', [{ reference: referenceTo(a) }])
    await quiet()
    heldBack = []
    const body = { metadata: { ownerReferences: [referenceTo(c)] } } as never
    await api.transport.patch(configMaps, key('b'), { type: 'application/merge-patch+json', body })
    await api.transport.delete(secrets, key('a'))
    await quiet()
    for (const tell of heldBack.splice(0)) tell()
    heldBack = undefined
    await quiet()
    expect((await read('b'))?.metadata.ownerReferences).toEqual([referenceTo(c)])
  })

  it('keeps what is owned by a kind that nobody serves', async () => {
    const reference = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'w-uid' }
    await create('a', [{ reference }])
    await quiet()
    expect(await read('a')).toBeDefined()
  })

  it('E-04: foreground keeps the owner until its blocking dependents are gone', async () => {
    const a = await create('a')
    const b = await create('b', [a])
    const metadata = {
      name: 'c',
      finalizers: ['example.com/hold'],
      ownerReferences: [referenceTo(b)],
    }
    const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    await api.transport.create(configMaps, { namespace: 'default' }, held)
    await api.transport.delete(configMaps, key('a'), { propagationPolicy: 'Foreground' })
    await quiet()
    expect((await read('a'))?.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect((await read('b'))?.metadata.finalizers).toEqual(['foregroundDeletion'])
    const body = { metadata: { finalizers: null } }
    const patch = { type: 'application/merge-patch+json', body } as const
    await api.transport.patch(configMaps, key('c'), patch)
    await quiet()
    expect([await read('a'), await read('b'), await read('c')]).toEqual(Array(3).fill(undefined))
  })

  it('E-04: an owner goes when the last dependent that held it back has let go of it', async () => {
    const [a, b] = [await create('a'), await create('b')]
    await create('c', [a, b])
    await quiet()
    await api.transport.delete(configMaps, key('a'), { propagationPolicy: 'Foreground' })
    await quiet()
    expect(await read('a')).toBeUndefined()
    expect((await read('c'))?.metadata.ownerReferences).toEqual([referenceTo(b)])
  })

  it('E-04: an owner goes when its dependents hold it back no longer', async () => {
    const a = await create('a')
    const finalizers = ['example.com/hold']
    const metadata = { name: 'b', finalizers, ownerReferences: [referenceTo(a)] }
    const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    await api.transport.create(configMaps, { namespace: 'default' }, held)
    await api.transport.delete(configMaps, key('a'), { propagationPolicy: 'Foreground' })
    await quiet()
    expect(await read('a')).toBeDefined()
    const free = { ...referenceTo(a), blockOwnerDeletion: false }
    const body = { metadata: { ownerReferences: [free] } } as never
    await api.transport.patch(configMaps, key('b'), { type: 'application/merge-patch+json', body })
    await quiet()
    expect(await read('a')).toBeUndefined()
    expect(await read('b')).toBeDefined()
  })

  it('E-05: orphan frees the dependents and keeps them', async () => {
    const a = await create('a')
    const b = await create('b', [a])
    await api.transport.delete(configMaps, key('a'), { propagationPolicy: 'Orphan' })
    await quiet()
    expect(await read('a')).toBeUndefined()
    const kept = await read('b')
    expect(kept?.metadata.uid).toBe(b.metadata.uid)
    expect(kept?.metadata.ownerReferences ?? []).toEqual([])
  })

  it('does not stop at a cycle of owners', async () => {
    const a = await create('a')
    const b = await create('b', [a])
    const body = { metadata: { ownerReferences: [referenceTo(b)] } } as never
    await api.transport.patch(configMaps, key('a'), { type: 'application/merge-patch+json', body })
    await api.transport.delete(configMaps, key('a'), { propagationPolicy: 'Foreground' })
    await quiet()
    await quiet()
    expect([await read('a'), await read('b')]).toEqual([undefined, undefined])
  })

  it('takes the pods and ReplicaSets of every kind alike: nothing is special about an owner', async () => {
    const a = await create('a')
    const replicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'r', ownerReferences: [referenceTo(a)] },
      spec: {
        replicas: 0,
        selector: { matchLabels: { x: 'y' } },
        template: {
          metadata: { labels: { x: 'y' } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
    }
    await api.transport.create(replicaSets, { namespace: 'default' }, replicaSet)
    await api.transport.delete(configMaps, key('a'))
    await quiet()
    const { items } = await api.transport.list(replicaSets, { namespace: 'default' })
    expect(items).toEqual([])
  })
})
