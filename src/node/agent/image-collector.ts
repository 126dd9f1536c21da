import type { Timer } from '../../base/clock.ts'
import type { AgentServices } from './agent-services.ts'
import { isDiskFull, planCollection } from './collect-images.ts'

/** As a kubelet does. */
const periodMs = 300_000

/**
 * Removes images that the runtime has pulled and nobody needs, when the disk is nearly full: none
 * that a container is made of, nor that a kept revision or a release could bring back.
 */
export class ImageCollector {
  readonly #services: AgentServices
  readonly #nodeName: string
  readonly #lastUsedMs = new Map<string, number>()
  #timer: Timer | undefined
  #isStopped = false

  constructor(services: AgentServices, nodeName: string) {
    this.#services = services
    this.#nodeName = nodeName
  }

  start(): void {
    const { runtime, imagesNeeded, context } = this.#services
    if (!runtime.pulled || !imagesNeeded || this.#isStopped) return
    this.#timer = context.clock.setTimeout(() => void this.#again(), periodMs)
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  async #again(): Promise<void> {
    const { log } = this.#services.context
    await this.#collect().catch((error) =>
      log.warn('images were not looked through', { error: String(error) }),
    )
    this.start()
  }

  async #collect(): Promise<void> {
    const { runtime, imagesNeeded, context } = this.#services
    const { pulled } = runtime
    if (!pulled || !imagesNeeded) return
    const images = await pulled.list()
    const nowMs = context.clock.now()
    for (const { imageId } of images.filter(({ isUsed }) => isUsed)) {
      this.#lastUsedMs.set(imageId, nowMs)
    }
    const disk = await pulled.disk()
    // What is needed costs a walk over all there is.
    if (!isDiskFull(disk)) return
    const needed = await imagesNeeded()
    const lastUsedMs = this.#lastUsedMs
    const plan = planCollection({ images, needed, disk, lastUsedMs, nowMs })
    for (const image of plan.remove) {
      await pulled.remove(image)
      context.log.info('removed an image', { image: image.references.join() || image.imageId })
    }
    if (plan.foundBytes < plan.wantedBytes) this.#tell(plan)
  }

  #tell({ wantedBytes, foundBytes }: { wantedBytes: number; foundBytes: number }): void {
    const name = this.#nodeName
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name } }
    const text =
      'Failed to garbage collect required amount of images. ' +
      `Attempted to free ${wantedBytes} bytes, but only found ${foundBytes} bytes eligible to free.`
    this.#services.recorder.event(node, 'Warning', 'FreeDiskSpaceFailed', text)
  }
}
