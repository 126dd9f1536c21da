import type { Pod, PodStatus } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { portsAnnotation } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import { pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Sandbox } from '../runtime.ts'
import { portsText } from './published-ports.ts'

/**
 * The map of ports goes out in the same write that sets podIP, so nobody sees one without the
 * other.
 */
function annotationsFor(pod: Pod, sandbox: Sandbox | undefined): object | undefined {
  const text = sandbox && portsText(sandbox)
  return text === undefined || pod.metadata.annotations?.[portsAnnotation] === text
    ? undefined
    : { annotations: { [portsAnnotation]: text } }
}

/**
 * Writes a pod's status when it differs from what was written last, or when somebody has written
 * over that: who takes this node for lost says of its pods that they are not ready.
 */
export class StatusWriter {
  readonly #transport: Transport
  #written: string | undefined
  /** What the API made of it. */
  #shown: PodStatus | undefined

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Resolves with the newest pod: the one written, or the one given when nothing had to be written.
   */
  async write(pod: Pod, status: PodStatus, sandbox: Sandbox | undefined): Promise<Pod> {
    const text = JSON.stringify(status)
    const metadata = annotationsFor(pod, sandbox)
    if (text === this.#written && !metadata && this.#isShown(pod)) return pod
    const body = {
      metadata: { uid: pod.metadata.uid, ...metadata },
      status,
    } as unknown as JsonValue
    const patch = { type: 'application/merge-patch+json', body } as const
    const written = await this.#transport.patch<Pod>(pods, keyOf(pod), patch, {
      subresource: 'status',
    })
    this.#written = text
    this.#shown = written.status
    return written
  }

  /** Of a pod that is no older than the last write. */
  #isShown({ status }: Pod): boolean {
    return status === this.#shown || JSON.stringify(status) === JSON.stringify(this.#shown)
  }
}
