import type { Command } from 'commander'
import type { CliIo } from './io.ts'

/** The commands that run or look at the embedded engine, each loaded when it is asked for. */
export const engineCommands: Readonly<Record<string, (io: CliIo) => Promise<Command>>> = {
  up: async (io) => (await import('./engine/up.ts')).upCommand(io),
  down: async (io) => (await import('./engine/down.ts')).downCommand(io),
  status: async (io) => (await import('./engine/status.ts')).statusCommand(io),
  kubeconfig: async (io) => (await import('./engine/kubeconfig.ts')).kubeconfigCommand(io),
  image: async (io) => (await import('./engine/image.ts')).imageCommand(io),
}
