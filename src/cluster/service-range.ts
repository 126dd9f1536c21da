import { addLocalRange, ipTool, removeLocalRange } from '../node/network/ip-tool.ts'

/** Services of `--runtime containerd` cannot have addresses here; the message says why. */
export class ServiceRangeUnavailable extends Error {
  override readonly name = 'ServiceRangeUnavailable'
}

const help = 'run "astern up" as root, or take --runtime process'

/** Throws ServiceRangeUnavailable. */
export function checkServiceRange(): void {
  if (process.getuid?.() !== 0) {
    throw new ServiceRangeUnavailable(
      `--runtime containerd gives Services addresses that containers reach, which needs root: ${help}`,
    )
  }
  if (ipTool() !== '') return
  throw new ServiceRangeUnavailable(
    'ip(8) is not installed on this machine: install it (Debian, Ubuntu: apt install iproute2)',
  )
}

/**
 * Containers reach this machine at every address of the Services' range, once those are its own.
 * Returns what takes that back; undefined where pods need no such thing, or see to it themselves.
 * Rejects with ServiceRangeUnavailable.
 */
export async function openServiceRange({
  runtime,
  serviceCidr,
}: {
  readonly runtime: string
  readonly serviceCidr: string
}): Promise<(() => Promise<void>) | undefined> {
  if (runtime !== 'containerd') return undefined
  checkServiceRange()
  await addLocalRange(serviceCidr).catch((error: Error) => {
    throw new ServiceRangeUnavailable(
      `Services cannot be given ${serviceCidr} on this machine (${error.message}): allow this process to change the network (CAP_NET_ADMIN)`,
    )
  })
  return () => removeLocalRange(serviceCidr)
}
