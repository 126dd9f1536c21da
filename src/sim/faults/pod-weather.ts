import { sleep } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import { randomInt } from '../../base/prng.ts'
import { failure, type ProbeRunner, success } from '../../node/probes/probe.ts'
import type { ImageBehaviour } from '../../node/runtimes/simulated/behaviour.ts'

/** What an image is good for, by the beginning of its name. */
export const imageKinds = ['good', 'slow', 'absent', 'crash', 'sick'] as const

/** How containers do: by their image, and by faults that come and go. */
export class PodWeather {
  readonly #context: Context
  readonly #failingUntilMs = new Map<string, number>()
  readonly #slowUntilMs = new Map<string, number>()
  #noImagesUntilMs = 0

  constructor(context: Context) {
    this.#context = context
  }

  /** Of this pod, all probes. */
  failProbes(podUid: string, forMs: number): void {
    this.#failingUntilMs.set(podUid, this.#nowMs + forMs)
  }

  slowProbes(podUid: string, forMs: number): void {
    this.#slowUntilMs.set(podUid, this.#nowMs + forMs)
  }

  /** The registry cannot be reached. */
  failPulls(forMs: number): void {
    this.#noImagesUntilMs = this.#nowMs + forMs
  }

  clear(): void {
    this.#failingUntilMs.clear()
    this.#slowUntilMs.clear()
    this.#noImagesUntilMs = 0
  }

  readonly probe: ProbeRunner = async ({ pod, container }) => {
    const uid = pod.metadata.uid ?? ''
    const { clock, prng } = this.#context
    if ((this.#slowUntilMs.get(uid) ?? 0) > this.#nowMs) await sleep(clock, randomInt(prng, 3000))
    const isSick = container.image?.startsWith('sick')
    const isFailing = (this.#failingUntilMs.get(uid) ?? 0) > this.#nowMs
    return isSick || isFailing ? failure('HTTP probe failed with statuscode: 503') : success()
  }

  readonly behaviour = (image: string): ImageBehaviour => {
    const { prng } = this.#context
    const isSlow = image.startsWith('slow')
    return {
      isUnavailable: image.startsWith('absent') || this.#noImagesUntilMs > this.#nowMs,
      startDelayMs: isSlow ? 5000 + randomInt(prng, 20_000) : randomInt(prng, 2000),
      stopAfterMs: isSlow ? 10_000 : randomInt(prng, 2000),
      ...(image.startsWith('crash') && { exitAfterMs: 2000, exitCode: 1 }),
    }
  }

  get #nowMs(): number {
    return this.#context.clock.monotonic()
  }
}
