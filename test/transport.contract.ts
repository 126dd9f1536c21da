import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConfigMap, Deployment, Pod, Scale } from '../src/api/generated/types.ts'
import type { KubeObject } from '../src/api/object.ts'
import type { Resource } from '../src/api/resource.ts'
import { configMaps, deployments, namespaces, nodes, pods } from '../src/api/scheme.ts'
import { isStatusError, StatusError } from '../src/api/status-error.ts'
import type {
  Patch,
  Transport,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../src/api/transport.ts'

export interface GivenTransport {
  /** To an API server with its first namespaces and no controllers. */
  readonly transport: Transport
  stop(): Promise<void>
}

interface Bench {
  readonly api: Transport
  /** A namespace of the test's own. */
  readonly where: { readonly namespace: string }
  key(name: string): { readonly namespace: string; readonly name: string }
}

const merge = (body: Patch['body']): Patch =>
  ({ type: 'application/merge-patch+json', body }) as Patch

const configMap = (name: string, labels: Readonly<Record<string, string>> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data: { value: 'v' },
})

const podSpec = { containers: [{ name: 'app', image: 'learnk8s/app:1.0.0' }] }
const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: podSpec }

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec: {
    selector: { matchLabels: { app: 'app' } },
    template: { metadata: { labels: { app: 'app' } }, spec: podSpec },
  },
}

async function refusal(call: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isStatusError(error)) return error
  throw new Error('expected a StatusError', { cause: error })
}

function isFrozenThroughout(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout)
}

/** What a watch has brought so far, and a way to wait for more. */
class Recorder {
  readonly lines: string[] = []
  readonly events: WatchEvent[] = []
  hasEnded = false
  error: Error | undefined
  readonly #handle: { stop(): void }
  #woken: () => void = () => {}

  constructor({ api, where }: Bench, resource: Resource, options: WatchOptions = {}) {
    this.#handle = api.watch(resource, where, options, {
      event: (event) => {
        this.events.push(event)
        this.lines.push(
          event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`,
        )
        this.#woken()
      },
      end: (error) => {
        this.hasEnded = true
        this.error = error
        this.#woken()
      },
    })
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve) => {
        this.#woken = resolve
      })
    }
  }

  /** Waits for that many events. */
  async first(count: number): Promise<readonly string[]> {
    await this.until(() => this.events.length >= count || this.hasEnded)
    return this.lines
  }

  stop(): void {
    this.#handle.stop()
  }
}

/** What `Transport` promises, on the real thing: one suite for every implementation. */
export function transportContract(name: string, given: () => Promise<GivenTransport>): void {
  describe(`Transport: ${name}`, () => {
    let running: GivenTransport
    let count = 0
    beforeAll(async () => {
      running = await given()
    })
    afterAll(() => running.stop())

    const bench = async (): Promise<Bench> => {
      const api = running.transport
      count += 1
      const namespace = `contract-${count}`
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
      await api.create(namespaces, {}, body)
      return { api, where: { namespace }, key: (own) => ({ namespace, name: own }) }
    }

    describe('objects', () => objectContract(bench))
    describe('writes', () => writeContract(bench))
    describe('collections', () => collectionContract(bench))
    describe('refusals', () => refusalContract(bench))
    describe('watches', () => watchContract(bench))
  })
}

type GivenBench = () => Promise<Bench>

function objectContract(bench: GivenBench): void {
  test('what is created can be read; it is frozen, and nothing of it is the caller’s', async () => {
    const { api, where, key } = await bench()
    const sent = configMap('a', { app: 'x' })
    const created = await api.create(configMaps, where, sent)
    expect(sent).toEqual(configMap('a', { app: 'x' }))
    expect(Object.isFrozen(sent)).toBe(false)
    expect(created).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { value: 'v' } })
    expect(created.metadata.labels).not.toBe(sent.metadata.labels)
    const read = await api.get(configMaps, key('a'))
    expect(read).toEqual(created)
    expect([created, read].every(isFrozenThroughout)).toBe(true)
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('defaults and admission apply', async () => {
    const { api, where } = await bench()
    const created = await api.create(pods, where, pod)
    expect(created.spec).toMatchObject({ restartPolicy: 'Always', serviceAccountName: 'default' })
    expect(created.status?.phase).toBe('Pending')
  })

  test('generateName makes a name', async () => {
    const { api, where } = await bench()
    const body = { ...configMap('x'), metadata: { generateName: 'app-' } }
    const created = await api.create(configMaps, where, body)
    expect(created.metadata.name).toMatch(/^app-[a-z0-9]{5}$/)
  })

  test('I-01: int64 comes back as it went', async () => {
    const { api, where, key } = await bench()
    const tolerationSeconds = 3546343826724305833n
    const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }
    const body: unknown = { ...pod, spec: { ...podSpec, tolerations: [toleration] } }
    await api.create(pods, where, body as KubeObject)
    const { spec } = await api.get(pods, key('p'))
    expect(spec?.tolerations?.[0]?.tolerationSeconds).toBe(tolerationSeconds)
  })

  test('cluster-scoped objects need no namespace', async () => {
    const { api, where } = await bench()
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: where.namespace } }
    const created = await api.create(nodes, {}, node)
    expect(await api.get(nodes, { name: where.namespace })).toEqual(created)
  })
}

function writeContract(bench: GivenBench): void {
  test('an update is conditional when it has a resourceVersion', async () => {
    const { api, where, key } = await bench()
    const first = await api.create(configMaps, where, configMap('a'))
    const second = await api.update(configMaps, key('a'), { ...first, data: {} } as KubeObject)
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion)
    const late = await refusal(api.update(configMaps, key('a'), first))
    expect(late.reason).toBe('Conflict')
    const blind = await api.update(configMaps, key('a'), configMap('a'))
    expect(blind.data).toEqual({ value: 'v' })
  })

  test('an update that changes nothing keeps the resourceVersion', async () => {
    const { api, where, key } = await bench()
    const first = await api.create(configMaps, where, configMap('a'))
    expect(await api.update(configMaps, key('a'), first)).toEqual(first)
  })

  test.each<[Patch]>([
    [merge({ data: { more: 'x' } })],
    [{ type: 'application/strategic-merge-patch+json', body: { data: { more: 'x' } } }],
    [
      {
        type: 'application/json-patch+json',
        body: [{ op: 'add', path: '/data/more', value: 'x' }],
      },
    ],
  ])('$type', async (patch) => {
    const { api, where, key } = await bench()
    await api.create(configMaps, where, configMap('a'))
    const { data } = await api.patch(configMaps, key('a'), patch)
    expect(data).toEqual({ value: 'v', more: 'x' })
  })

  test('server-side apply: creates, conflicts, takes over (H-15)', async () => {
    const { api, where, key } = await bench()
    const type = 'application/apply-patch+yaml'
    const config = (value: string) => ({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...where } },
      data: { value },
    })
    const apply = (value: string, options: WriteOptions) =>
      api.patch(configMaps, key('a'), { type, body: config(value) }, options)
    await expect(apply('1', {})).rejects.toMatchObject({ code: 422, reason: 'Invalid' })
    const created = await apply('1', { fieldManager: 'me' })
    expect(created.metadata.managedFields).toMatchObject([{ manager: 'me', operation: 'Apply' }])
    await expect(apply('2', { fieldManager: 'other' })).rejects.toMatchObject({
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "me": .data.value',
    })
    const taken = await apply('2', { fieldManager: 'other', force: true })
    expect(taken.data).toEqual({ value: '2' })
    expect(taken.metadata.managedFields).toMatchObject([{ manager: 'other' }])
  })

  test('subresources: status, scale, binding', async () => {
    const { api, where, key } = await bench()
    await api.create(deployments, where, deployment)
    const status = { subresource: 'status' } as const
    const body = merge({ status: { observedGeneration: 1 }, spec: { replicas: 9 } })
    const after = await api.patch(deployments, key('app'), body, status)
    expect(after).toMatchObject({ spec: { replicas: 1 }, status: { observedGeneration: 1 } })
    const scale: unknown = await api.get(deployments, key('app'), 'scale')
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } })
    const wanted: Scale = { ...(scale as Scale), spec: { replicas: 4 } }
    await api.update(deployments, key('app'), wanted, { subresource: 'scale' })
    expect((await api.get(deployments, key('app'))).spec?.replicas).toBe(4)
    await api.create(pods, where, pod)
    const binding: unknown = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'p' },
      target: { kind: 'Node', name: 'n1' },
    }
    await api.create(pods, key('p'), binding as KubeObject, { subresource: 'binding' })
    expect((await api.get(pods, key('p'))).spec?.nodeName).toBe('n1')
  })

  test('a dry run writes nothing', async () => {
    const { api, where, key } = await bench()
    const dryRun = true
    await api.create(configMaps, where, configMap('a'), { dryRun })
    expect((await refusal(api.get(configMaps, key('a')))).reason).toBe('NotFound')
    const first = await api.create(configMaps, where, configMap('a'))
    await api.patch(configMaps, key('a'), merge({ data: null }), { dryRun })
    await api.delete(configMaps, key('a'), { dryRun: ['All'] })
    expect(await api.get(configMaps, key('a'))).toEqual(first)
  })

  test('a delete returns the object while it lingers, else a Status', async () => {
    const { api, where, key } = await bench()
    const { metadata } = await api.create(configMaps, where, configMap('a'))
    expect(await api.delete(configMaps, key('a'))).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
    })
    await api.create(deployments, where, deployment)
    const options = { propagationPolicy: 'Foreground' }
    expect(await api.delete(deployments, key('app'), options)).toMatchObject({
      kind: 'Deployment',
      metadata: { finalizers: ['foregroundDeletion'] },
    })
  })
}

function collectionContract(bench: GivenBench): void {
  const names = (items: readonly KubeObject[]) => items.map((item) => item.metadata.name).join(' ')
  const filled = async () => {
    const given = await bench()
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const labels = { half: name < 'c' ? 'first' : 'second' }
      await given.api.create(configMaps, given.where, configMap(name, labels))
    }
    return given
  }

  test('a list has all objects, frozen, and the revision it shows', async () => {
    const { api, where, key } = await filled()
    const { items, resourceVersion } = await api.list(configMaps, where)
    expect(names(items)).toBe('a b c d e')
    expect(items.every(isFrozenThroughout)).toBe(true)
    expect(items[4]).toEqual(await api.get(configMaps, key('e')))
    expect(BigInt(resourceVersion)).toBeGreaterThanOrEqual(
      BigInt(items[4]?.metadata.resourceVersion ?? 0),
    )
  })

  test('selectors', async () => {
    const { api, where } = await filled()
    const byLabel = await api.list(configMaps, where, { labelSelector: 'half in (first)' })
    expect(names(byLabel.items)).toBe('a b')
    const byField = await api.list(configMaps, where, { fieldSelector: 'metadata.name!=a' })
    expect(names(byField.items)).toBe('b c d e')
  })

  test('pages', async () => {
    const { api, where } = await filled()
    const first = await api.list(configMaps, where, { limit: 3 })
    expect([names(first.items), first.remainingItemCount]).toEqual(['a b c', 2])
    await api.create(configMaps, where, configMap('cc'))
    const rest = await api.list(configMaps, where, { limit: 3, continue: first.continue })
    expect(names(rest.items)).toBe('d e')
    expect([rest.continue, rest.resourceVersion]).toEqual([undefined, first.resourceVersion])
  })

  test('a collection is deleted by selector', async () => {
    const { api, where } = await filled()
    await api.deleteCollection(configMaps, where, { labelSelector: 'half=first' })
    expect(names((await api.list(configMaps, where)).items)).toBe('c d e')
  })

  test('objects of all namespaces', async () => {
    const { api, where } = await filled()
    const { items } = await api.list(configMaps, {})
    const own = items.filter((item) => item.metadata.namespace === where.namespace)
    expect(names(own)).toBe('a b c d e')
  })
}

function refusalContract(bench: GivenBench): void {
  test.each<[string, number, string, (given: Bench) => Promise<unknown>]>([
    ['NotFound', 404, 'not found', ({ api, key }) => api.get(pods, key('x'))],
    [
      'AlreadyExists',
      409,
      'configmaps "a" already exists',
      ({ api, where }) => api.create(configMaps, where, configMap('a')),
    ],
    [
      'BadRequest',
      400,
      'the name of the object (b) does not match the name on the URL (a)',
      ({ api, key }) => api.update(configMaps, key('a'), configMap('b')),
    ],
    [
      'BadRequest',
      400,
      'strict decoding error: unknown field "dta"',
      ({ api, where }) => {
        const body = { ...configMap('b'), dta: {} }
        return api.create(configMaps, where, body, { fieldValidation: 'Strict' })
      },
    ],
    [
      'Forbidden',
      403,
      'this namespace may not be deleted',
      ({ api }) => api.delete(namespaces, { name: 'default' }),
    ],
    [
      'Invalid',
      422,
      'propagationPolicy: Unsupported value: "x"',
      ({ api, key }) => api.delete(configMaps, key('a'), { propagationPolicy: 'x' }),
    ],
    [
      'Conflict',
      409,
      'the UID in the precondition (x) does not match',
      ({ api, key }) => api.delete(configMaps, key('a'), { preconditions: { uid: 'x' } }),
    ],
    [
      'Timeout',
      504,
      'Too large resource version: 99999999',
      ({ api, where }) => api.list(configMaps, where, { resourceVersion: '99999999' }),
    ],
  ])('%s (%i): %s', async (...[reason, code, text, call]) => {
    const given = await bench()
    await given.api.create(configMaps, given.where, configMap('a'))
    const error = await refusal(call(given))
    expect(error).toMatchObject({ reason, code })
    expect(error.message).toContain(text)
  })

  test('E-21: details come whole', async () => {
    const { api } = await bench()
    const error = await refusal(api.create(configMaps, { namespace: 'nowhere' }, configMap('a')))
    expect(error).toBeInstanceOf(StatusError)
    expect(error).toMatchObject({
      message: 'namespaces "nowhere" not found',
      details: { name: 'nowhere', kind: 'namespaces' },
    })
  })
}

function watchContract(bench: GivenBench): void {
  test('brings the state, then what happens, frozen', async () => {
    const given = await bench()
    const { api, where, key } = given
    const first = await api.create(configMaps, where, configMap('a'))
    const watch = new Recorder(given, configMaps)
    expect(await watch.first(1)).toEqual(['ADDED a'])
    expect(watch.events[0]).toEqual({ type: 'ADDED', object: first })
    await api.patch(configMaps, key('a'), merge({ data: { value: '2' } }))
    await api.create(configMaps, where, configMap('b'))
    await api.delete(configMaps, key('a'))
    const lines = ['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a']
    expect(await watch.first(4)).toEqual(lines)
    const objects = watch.events.map((event) => event.type !== 'BOOKMARK' && event.object)
    expect(objects.every(isFrozenThroughout)).toBe(true)
    watch.stop()
  })

  test('starts strictly after a resourceVersion', async () => {
    const given = await bench()
    const first = await given.api.create(configMaps, given.where, configMap('a'))
    await given.api.create(configMaps, given.where, configMap('b'))
    const { resourceVersion } = first.metadata
    const watch = new Recorder(given, configMaps, { resourceVersion })
    expect(await watch.first(1)).toEqual(['ADDED b'])
    watch.stop()
  })

  test('sees objects enter and leave a selection', async () => {
    const given = await bench()
    const { api, where, key } = given
    const watch = new Recorder(given, configMaps, { labelSelector: 'app=x' })
    await api.create(configMaps, where, configMap('a'))
    await api.patch(configMaps, key('a'), merge({ metadata: { labels: { app: 'x' } } }))
    await api.patch(configMaps, key('a'), merge({ metadata: { labels: { app: 'y' } } }))
    expect(await watch.first(2)).toEqual(['ADDED a', 'DELETED a'])
    watch.stop()
  })

  test('H-09: says when the state is whole', async () => {
    const given = await bench()
    await given.api.create(configMaps, given.where, configMap('a'))
    const watch = new Recorder(given, configMaps, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    })
    expect(await watch.first(2)).toEqual(['ADDED a', 'BOOKMARK'])
    expect(watch.events[1]).toMatchObject({ initialEventsEnd: true })
    expect(watch.events[1]).toHaveProperty('resourceVersion', expect.stringMatching(/^\d+$/))
    watch.stop()
  })

  test.each<[string, WatchOptions, number]>([
    ['a selector that cannot be read', { labelSelector: '=' }, 400],
    ['options that contradict each other', { sendInitialEvents: true }, 422],
    ['a resourceVersion of the future', { resourceVersion: '99999999' }, 504],
  ])('a refusal comes through the sink: %s', async (_what, options, code) => {
    const watch = new Recorder(await bench(), configMaps, options)
    await watch.until(() => watch.hasEnded)
    expect(watch.error).toBeInstanceOf(StatusError)
    expect(watch.error).toMatchObject({ code })
    expect(watch.events).toEqual([])
  })

  test('ends without an error after timeoutSeconds', async () => {
    const watch = new Recorder(await bench(), configMaps, { timeoutSeconds: 1 })
    await watch.until(() => watch.hasEnded)
    expect(watch.error).toBeUndefined()
  })

  test('nothing comes after stop', async () => {
    const given = await bench()
    const stopped = new Recorder(given, configMaps)
    const other = new Recorder(given, configMaps)
    stopped.stop()
    await given.api.create(configMaps, given.where, configMap('a'))
    await other.first(1)
    expect([stopped.lines, stopped.hasEnded]).toEqual([[], false])
    other.stop()
  })
}
