import type { Clock } from '../../../base/clock.ts'
import { type CriClient, CriError } from './cri/client.ts'
import type { CriMessage } from './cri/messages.ts'

export interface HealthTimes {
  /** How often the runtime is asked … */
  readonly askMs: number
  /** … and how long an answer may be away before it counts as down. */
  readonly downAfterMs: number
}

export const kubeletTimes: HealthTimes = { askMs: 5_000, downAfterMs: 30_000 }

export interface HealthOptions {
  readonly cri: Pick<CriClient, 'once'>
  readonly clock: Clock
  readonly times: HealthTimes
}

/** Whether the runtime can start anything, in a kubelet's words. */
export class Health {
  readonly #options: HealthOptions
  #heardMs: number
  #complaints: readonly string[] = []

  constructor(options: HealthOptions) {
    this.#options = options
    this.#heardMs = options.clock.monotonic()
  }

  get askMs(): number {
    return this.#options.times.askMs
  }

  /** No answer is no complaint yet: containerd may be being restarted. */
  async ask(): Promise<void> {
    const { cri, clock } = this.#options
    try {
      const { status } = await cri.once('Status', {})
      const conditions = status?.conditions ?? []
      const runtime = complaint(conditions, 'RuntimeReady', 'container runtime not ready')
      const network = complaint(conditions, 'NetworkReady', 'container runtime network not ready')
      this.#complaints = [...runtime, ...network]
      if (runtime.length === 0) this.#heardMs = clock.monotonic()
    } catch (error) {
      if (!(error instanceof CriError)) throw error
    }
  }

  trouble(): string | undefined {
    const { clock, times } = this.#options
    const isDown = clock.monotonic() - this.#heardMs > times.downAfterMs
    const all = [...(isDown ? ['container runtime is down'] : []), ...this.#complaints]
    return all.length > 1 ? `[${all.join(', ')}]` : all[0]
  }
}

function complaint(
  conditions: readonly CriMessage<'RuntimeCondition'>[],
  type: string,
  what: string,
): readonly string[] {
  const found = conditions.find((condition) => condition.type === type)
  if (found?.status) return []
  const { reason = '', message = '' } = found ?? {}
  return [`${what}: ${type}=false reason:${reason} message:${message}`]
}
