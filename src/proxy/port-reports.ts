import type { Service } from '../api/generated/types.ts'
import type { ObjectKey } from '../api/object.ts'
import { findPortHolder } from '../base/port-holder.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Address, ListenError } from './protocol.ts'
import type { Withheld } from './table.ts'

export interface PortReportsOptions {
  readonly recorder: EventRecorder
  readonly findService: (key: ObjectKey) => Service | undefined
}

export const retrySeconds = 5

/** Tells once, as an Event on the Service, why one of its ports cannot be opened. */
export class PortReports {
  readonly #options: PortReportsOptions
  #told: ReadonlySet<string> = new Set()

  constructor(options: PortReportsOptions) {
    this.#options = options
  }

  /** All that cannot be opened at present. */
  report(errors: readonly ListenError[], withheld: readonly Withheld[]): void {
    const faults = [
      ...errors.map((error) => ({ ...error, tell: () => textOfError(error) })),
      ...withheld.map((one) => ({ ...one, code: one.why, tell: async () => one.why })),
    ]
    const told = new Map(
      faults.map((fault) => [
        `${fault.namespace}/${fault.name} ${placeOf(fault)} ${fault.code}`,
        fault,
      ]),
    )
    for (const [key, fault] of told) {
      if (!this.#told.has(key)) void this.#tell(fault, fault.tell())
    }
    this.#told = new Set(told.keys())
  }

  async #tell(about: ObjectKey & Address, why: Promise<string>): Promise<void> {
    const message = `Cannot listen on ${placeOf(about)}: ${await why}`
    const service = this.#options.findService({ namespace: about.namespace, name: about.name })
    if (service) this.#options.recorder.event(service, 'Warning', 'ListenFailed', message)
  }
}

function placeOf({ ip, port }: Address): string {
  return `${ip}:${port}`
}

async function textOfError({ ip, port, code }: ListenError): Promise<string> {
  const again = `tried again every ${retrySeconds} s`
  if (code === 'EADDRINUSE') {
    const holder = await findPortHolder(port, ip)
    const who = holder ? `process ${holder.pid} (${holder.command})` : 'another process'
    return `${who} holds the port; stop it or choose another port; ${again}`
  }
  if (code === 'EACCES') {
    return 'ports below 1024 need root; choose a port from 1024 on, or run Astern as root'
  }
  if (code === 'EADDRNOTAVAIL') return `this machine does not have the address ${ip}; ${again}`
  if (code.startsWith('ERR_OSSL')) {
    return `certificate and key of the TLS Secret do not fit together (${code}); mend the Secret`
  }
  return `${code}; ${again}`
}
