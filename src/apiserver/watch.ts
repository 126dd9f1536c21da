import { forbiddenValue, unsupportedValue } from '../api/field-errors.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { type FieldError, invalid, StatusError } from '../api/status-error.ts'
import type { Collection, WatchOptions } from '../api/transport.ts'
import type { Timer } from '../base/clock.ts'
import { randomInt } from '../base/prng.ts'
import { RevisionUnavailable, type StoreEvent } from '../store/store.ts'
import { encodedEntry, valueAt } from './encode.ts'
import { parseRevision, tooLargeRevision } from './list-position.ts'
import type { Encoded, EncodedWatchEvent, EncodedWatchSink } from './operations.ts'
import { type Selection, select } from './selection.ts'
import type { ServerContext } from './server-context.ts'

interface WatchRequest {
  readonly resource: Resource
  readonly where: Collection
  readonly options: WatchOptions
}

/**
 * H-08, H-09. Everything reaches the sink after this call has returned, a refusal too; nothing
 * after `stop`.
 */
export function watchObjects(
  context: ServerContext,
  request: WatchRequest,
  sink: EncodedWatchSink,
): { stop(): void } {
  const session = new WatchSession(context, sink)
  queueMicrotask(() => session.start(request))
  return session
}

/** One watch, from its first event to its end. */
class WatchSession {
  readonly #context: ServerContext
  readonly #sink: EncodedWatchSink
  #isOver = false
  #leave: () => void = () => {}
  #timer: Timer | undefined

  constructor(context: ServerContext, sink: EncodedWatchSink) {
    this.#context = context
    this.#sink = sink
  }

  start({ resource, where, options }: WatchRequest): void {
    if (this.#isOver) return
    try {
      checkWatchOptions(options)
      const selection = select(resource, where, options)
      const from = this.#sendInitial(selection, options)
      this.#join(selection, from, options)
      this.#timer = this.#context.clock.setTimeout(() => this.#end(), this.#timeoutMs(options))
    } catch (error) {
      this.#end(watchFault(error))
    }
  }

  stop(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#leave()
  }

  /** Sends the state as ADDED if that is wanted; returns the revision after which events follow. */
  #sendInitial(selection: Selection, options: WatchOptions): number {
    const { store } = this.#context
    const asked = parseRevision(options.resourceVersion)
    if (asked !== undefined && asked > store.revision) {
      throw tooLargeRevision(asked, store.revision)
    }
    const wantsState = options.sendInitialEvents ?? asked === undefined
    if (!wantsState) return asked ?? store.revision
    const { entries, revision } = store.list(selection.scope)
    for (const entry of entries) {
      if (selection.includes(entry)) this.#send({ type: 'ADDED', ...encodedEntry(entry) })
    }
    if (options.sendInitialEvents && options.allowWatchBookmarks) {
      this.#send({ type: 'BOOKMARK', resourceVersion: String(revision), initialEventsEnd: true })
    }
    return revision
  }

  #join(selection: Selection, after: number, { allowWatchBookmarks }: WatchOptions): void {
    if (this.#isOver) return
    // The state may be newer than what the hub has been told of so far.
    let seen = after
    const watcher = {
      scope: selection.scope,
      event: (event: StoreEvent) => {
        if (event.revision <= seen) return
        seen = event.revision
        const shown = eventFor(selection, event)
        if (shown) this.#send(shown)
      },
      progress: (revision: number) => {
        if (!allowWatchBookmarks || revision < seen) return
        const resourceVersion = String(revision)
        this.#send({ type: 'BOOKMARK', resourceVersion, initialEventsEnd: false })
      },
      end: (error: Error) => this.#end(error),
    }
    const leave = this.#context.watchHub.join(watcher, after)
    if (this.#isOver) leave()
    else this.#leave = leave
  }

  #send(event: EncodedWatchEvent): void {
    if (!this.#isOver) this.#sink.event(event)
  }

  #end(error?: Error): void {
    if (this.#isOver) return
    this.stop()
    this.#sink.end(error)
  }

  /** H-08: half an hour to an hour when nothing is asked. */
  #timeoutMs({ timeoutSeconds }: WatchOptions): number {
    const seconds = timeoutSeconds || 1800 + randomInt(this.#context.prng, 1800)
    return seconds * 1000
  }
}

/**
 * What a change means to those who see only the selected objects: one may enter or leave the
 * selection (H-08).
 */
function eventFor(selection: Selection, event: StoreEvent): EncodedWatchEvent | undefined {
  const { entry, previous } = event
  const was = previous !== undefined && selection.includes(previous)
  const is = event.type === 'put' && selection.includes(entry)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', ...encodedEntry(entry) }
  if (!was) return undefined
  return { type: 'DELETED', ...(event.type === 'delete' ? encodedEntry(entry) : leaving(event)) }
}

const leavingObjects = new WeakMap<StoreEvent, Encoded>()

/** The former object at the revision at which it left a selection: made once for all watchers. */
function leaving(event: StoreEvent): Encoded {
  const known = leavingObjects.get(event)
  if (known) return known
  const made = valueAt(event.revision, event.previous?.object as KubeObject)
  leavingObjects.set(event, made)
  return made
}

function checkWatchOptions({ sendInitialEvents, resourceVersionMatch }: WatchOptions): void {
  const field = 'resourceVersionMatch'
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && resourceVersionMatch !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
    errors.push(forbiddenValue(field, why))
  }
  if (resourceVersionMatch && sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    errors.push(forbiddenValue(field, why))
  }
  if (resourceVersionMatch && resourceVersionMatch !== 'NotOlderThan') {
    errors.push(unsupportedValue(field, resourceVersionMatch, ['NotOlderThan']))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
}

function watchFault(error: unknown): Error {
  if (error instanceof RevisionUnavailable) {
    if (error.why === 'future') return tooLargeRevision(error.asked, error.current)
    const text = `too old resource version: ${error.asked} (${error.current})`
    return new StatusError('Expired', text)
  }
  return error instanceof Error ? error : new Error(String(error))
}
