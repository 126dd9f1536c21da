import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemContext } from '../base/context.ts'
import { ConnectionError } from '../client/connection-error.ts'
import { HttpTransport } from '../client/http-transport.ts'
import { type ClusterAccess, kubeconfigFiles, loadKubeconfig } from '../client/kubeconfig.ts'
import { Discovery } from './discovery.ts'
import type { Flags } from './flags.ts'
import type { CliIo } from './io.ts'
import type { Invocation } from './kubectl-command.ts'

/** A command's connection to its cluster. */
export interface Session {
  readonly io: CliIo
  readonly access: ClusterAccess
  readonly transport: HttpTransport
  readonly discovery: Discovery
  readonly namespace: string
  /** Whether `-n` named it. */
  readonly isNamespaceGiven: boolean
}

/** Where an engine keeps its data, as an absolute path. */
export function dataDirectory(io: Pick<CliIo, 'env' | 'cwd'>, given: string): string {
  const home = io.env.HOME || homedir()
  return resolve(io.cwd, given || io.env.ASTERN_HOME || join(home, '.astern'))
}

/** Runs `work` with a connection, and closes it. */
export async function withSession<T>(
  { io, flags }: Pick<Invocation, 'io' | 'flags'>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const choice = chooseFiles(io, flags)
  const context = flags.text('context')
  const access = loadKubeconfig({ files: choice.files, ...(context && { context }) })
  const warned = new Set<string>()
  const transport = new HttpTransport(systemContext(), {
    access,
    onWarning(text) {
      if (!warned.has(text)) io.stderr.write(`Warning: ${text}\n`)
      warned.add(text)
    },
  })
  const given = flags.text('namespace')
  try {
    return await work({
      io,
      access,
      transport,
      discovery: new Discovery(transport),
      namespace: given || access.namespace,
      isNamespaceGiven: given !== '',
    })
  } catch (error) {
    throw choice.isEngine ? withEngineHint(error, choice.data) : error
  } finally {
    transport.close()
  }
}

interface Choice {
  readonly files: readonly string[]
  /** They are those of the embedded engine. */
  readonly isEngine: boolean
  readonly data: string
}

/**
 * Which cluster: `--kubeconfig`, else `--data`, else `$KUBECONFIG`, else the embedded engine;
 * `~/.kube/config` only with `--context`.
 */
function chooseFiles(io: CliIo, flags: Flags): Choice {
  const data = dataDirectory(io, flags.text('data'))
  const given = flags.text('kubeconfig')
  if (given !== '') return { files: [resolve(io.cwd, given)], isEngine: false, data }
  const engine = { files: [join(data, 'kubeconfig')], isEngine: true, data }
  if (flags.has('data')) return engine
  const listed = kubeconfigFiles(io.env.KUBECONFIG)
  if (listed.length > 0) return { files: listed, isEngine: false, data }
  if (!flags.has('context')) return engine
  const home = io.env.HOME || homedir()
  const files = [join(home, '.kube', 'config'), join(data, 'kubeconfig')]
  return { files, isEngine: false, data }
}

function withEngineHint(error: unknown, data: string): unknown {
  if (!(error instanceof ConnectionError)) return error
  const hint = `the engine of ${data} is not running: start it with \`astern up --data ${data}\``
  return new ConnectionError(error.message, hint)
}
