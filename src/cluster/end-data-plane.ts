import { claimHolder } from '../base/claim-file.ts'
import { sleep } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import { isAlive, sendSignal } from '../base/process-identity.ts'
import { removeLocalRange } from '../node/network/ip-tool.ts'
import type { Runtime } from '../node/runtime.ts'
import { containerdRuntime } from '../node/runtimes/containerd/runtime.ts'
import { processRuntime } from '../node/runtimes/process/runtime.ts'
import { proxyLayout } from '../proxy/layout.ts'
import { claimDataDirectory, type DataDirectory } from './data-directory.ts'
import { networkOf } from './network-of.ts'
import { readSettings, type Settings } from './settings.ts'

const graceMs = 10_000

export interface EndDataPlaneOptions {
  readonly directory: DataDirectory
  readonly context: Context
  readonly commands: { readonly shim: readonly string[] }
}

/** Ends what an engine left running that is gone itself: containers gracefully, then the proxy. */
export async function endDataPlane({
  directory,
  context,
  commands,
}: EndDataPlaneOptions): Promise<void> {
  const claim = claimDataDirectory(directory)
  try {
    const settings = readSettings(directory)
    const runtime = await openRuntime({ directory, context, commands }, settings)
    const running = (await runtime.containers()).filter(({ state }) => state.phase === 'running')
    await Promise.all(running.map((container) => runtime.stopContainer(container, graceMs)))
    await runtime.withdraw?.()
    await runtime.close()
    await endProxy(directory, context)
    await (settings && networkOf(directory, settings))?.withdraw()
    if (settings?.runtime === 'containerd') await removeLocalRange(settings.serviceCidr)
  } finally {
    claim.release()
  }
}

function openRuntime(
  { directory, context, commands }: EndDataPlaneOptions,
  settings: Settings | undefined,
): Promise<Runtime> {
  const { path: dataDir } = directory
  if (settings?.runtime === 'containerd') {
    return containerdRuntime({ dataDir, context, socketPath: settings.criSocket ?? '' })
  }
  return processRuntime({ dataDir, context, shimCommand: commands.shim })
}

/** The proxy knows no state worth keeping: a signal is enough. */
async function endProxy({ path }: DataDirectory, { clock }: Context): Promise<void> {
  const holder = claimHolder(proxyLayout(path).lock)
  if (!holder || !isAlive(holder)) return
  sendSignal(holder.pid, 'SIGTERM')
  while (isAlive(holder)) await sleep(clock, 10)
}
