import type { Pod } from '../../api/generated/types.ts'
import type { Clock } from '../../base/clock.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { type ImageStatus, ImageUnavailable, type Runtime } from '../runtime.ts'
import type { Waiting } from './observed-pod.ts'
import { containerFieldPath, type PodContainer } from './pod-containers.ts'
import { pullLogins } from './pull-logins.ts'
import type { ReferenceReader } from './reference-reader.ts'

const backoffMsFirst = 10_000
const backoffMsMax = 300_000

/**
 * The image could not be had; `waiting` goes into the container's status, with the time of the next
 * try.
 */
export class PullFailed extends Error {
  override readonly name = 'PullFailed'
  readonly waiting: Waiting

  constructor(waiting: Waiting) {
    super(waiting.message ?? waiting.reason)
    this.waiting = waiting
  }
}

export interface ImagePullerOptions {
  readonly runtime: Runtime
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly reader: ReferenceReader
}

/** Makes the images of one pod present by their pull policy, with back-off per image (F-05). */
export class ImagePuller {
  readonly #options: ImagePullerOptions
  readonly #failures = new Map<string, number>()

  constructor(options: ImagePullerOptions) {
    this.#options = options
  }

  /** Rejects with PullFailed. */
  async ensure(pod: Pod, container: PodContainer): Promise<ImageStatus> {
    const { runtime } = this.#options
    const { image = '', imagePullPolicy } = container.spec
    const present = await runtime.imageStatus(image)
    if (present && imagePullPolicy !== 'Always') {
      this.#event(pod, container, [
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine`,
      ])
      return present
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      this.#event(pod, container, ['Warning', 'ErrImageNeverPull', message])
      throw new PullFailed({
        reason: 'ErrImageNeverPull',
        message,
        retryAtMs: this.#retryAt(image),
      })
    }
    return this.#pull(pod, container, present)
  }

  async #pull(
    pod: Pod,
    container: PodContainer,
    present: ImageStatus | undefined,
  ): Promise<ImageStatus> {
    const { runtime, clock, reader } = this.#options
    const { image = '' } = container.spec
    this.#event(pod, container, ['Normal', 'Pulling', `Pulling image "${image}"`])
    const startedMs = clock.monotonic()
    try {
      const logins = await pullLogins(reader, pod, image)
      const pulled = await runtime.pullImage(image, { logins, before: { status: present } })
      this.#failures.delete(image)
      const took = `${Math.round(clock.monotonic() - startedMs)}ms`
      const size = `Image size: ${pulled.sizeBytes} bytes.`
      const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). ${size}`
      this.#event(pod, container, ['Normal', 'Pulled', text])
      return pulled
    } catch (error) {
      if (!(error instanceof ImageUnavailable)) throw error
      const text = `Failed to pull image "${image}": ${error.message}`
      this.#event(pod, container, ['Warning', 'Failed', text])
      this.#event(pod, container, ['Warning', 'Failed', `Error: ${error.reason}`])
      throw new PullFailed({
        reason: error.reason,
        message: error.message,
        retryAtMs: this.#retryAt(image),
      })
    }
  }

  /** The state that follows a failed pull while the next try is not due (F-05). */
  backingOff(pod: Pod, container: PodContainer, failed: Waiting): Waiting {
    const { image = '' } = container.spec
    const message = `Back-off pulling image "${image}": ${failed.reason}: ${failed.message ?? ''}`
    this.#event(pod, container, ['Normal', 'BackOff', `Back-off pulling image "${image}"`])
    this.#event(pod, container, ['Warning', 'Failed', 'Error: ImagePullBackOff'])
    return { ...failed, reason: 'ImagePullBackOff', message }
  }

  #retryAt(image: string): number {
    const failures = this.#failures.get(image) ?? 0
    this.#failures.set(image, failures + 1)
    return this.#options.clock.now() + Math.min(backoffMsFirst * 2 ** failures, backoffMsMax)
  }

  #event(
    pod: Pod,
    container: PodContainer,
    [type, reason, message]: readonly ['Normal' | 'Warning', string, string],
  ): void {
    this.#options.recorder.event(pod, type, reason, message, containerFieldPath(container))
  }
}
