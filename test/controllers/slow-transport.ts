import type { KubeObject } from '../../src/api/object.ts'
import type { Transport, WatchEvent, WatchSink } from '../../src/api/transport.ts'
import { sleep } from '../../src/base/clock.ts'
import type { Context } from '../../src/base/context.ts'
import { type Prng, randomInt } from '../../src/base/prng.ts'

/** Wraps every request, and every sink of a watch. */
function wrapTransport(
  inner: Transport,
  wrap: {
    request<T>(request: () => Promise<T>): Promise<T>
    sink<T extends KubeObject>(sink: WatchSink<T>): WatchSink<T>
  },
): Transport {
  return {
    get: (...args) => wrap.request(() => inner.get(...args)) as never,
    list: (...args) => wrap.request(() => inner.list(...args)) as never,
    create: (...args) => wrap.request(() => inner.create(...args)) as never,
    update: (...args) => wrap.request(() => inner.update(...args)) as never,
    patch: (...args) => wrap.request(() => inner.patch(...args)) as never,
    delete: (...args) => wrap.request(() => inner.delete(...args)) as never,
    deleteCollection: (...args) => wrap.request(() => inner.deleteCollection(...args)),
    watch: (resource, where, options, sink) =>
      inner.watch(resource, where, options, wrap.sink(sink)),
  }
}

/** Knows whether a request is under way, or anything has happened since it was last asked. */
export function busyTransport(inner: Transport): {
  readonly transport: Transport
  readonly isBusy: () => boolean
} {
  let underWay = 0
  let hasHappened = false
  const transport = wrapTransport(inner, {
    async request(request) {
      underWay++
      try {
        return await request()
      } finally {
        underWay--
        hasHappened = true
      }
    },
    sink: (sink) => ({
      event(event) {
        hasHappened = true
        sink.event(event)
      },
      end: (error) => sink.end(error),
    }),
  })
  const isBusy = () => {
    const wasBusy = underWay > 0 || hasHappened
    hasHappened = false
    return wasBusy
  }
  return { transport, isBusy }
}

/** Lets `check` refuse a creation or an update by throwing. */
export function checkedTransport(
  inner: Transport,
  check: (object: KubeObject, verb: 'create' | 'update') => void | Promise<void>,
): Transport {
  return {
    ...inner,
    create: async (...args) => {
      await check(args[2], 'create')
      return inner.create(...args) as never
    },
    update: async (...args) => {
      await check(args[2], 'update')
      return inner.update(...args) as never
    },
  }
}

/** Requests take random time, and watch events arrive late, though in order. */
export function slowTransport(
  inner: Transport,
  { clock }: Context,
  delays: {
    readonly prng: Prng
    readonly watchDelayMsMax: number
    readonly requestDelayMsMax: number
  },
): Transport {
  const { prng, watchDelayMsMax, requestDelayMsMax } = delays
  return wrapTransport(inner, {
    async request(request) {
      if (requestDelayMsMax > 0) await sleep(clock, randomInt(prng, requestDelayMsMax + 1))
      return request()
    },
    sink<T extends KubeObject>(sink: WatchSink<T>): WatchSink<T> {
      if (watchDelayMsMax === 0) return sink
      let lastDueMs = 0
      const late = (deliver: () => void) => {
        const nowMs = clock.now()
        lastDueMs = Math.max(lastDueMs, nowMs + randomInt(prng, watchDelayMsMax + 1))
        clock.setTimeout(deliver, lastDueMs - nowMs)
      }
      return {
        event: (event: WatchEvent<T>) => late(() => sink.event(event)),
        end: (error) => late(() => sink.end(error)),
      }
    },
  })
}
