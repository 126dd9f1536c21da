import { isJsonObject, parseJson } from '../../api/json.ts'
import { CliError } from '../cli-error.ts'
import type { Flags } from '../flags.ts'
import type { CliIo } from '../io.ts'
import type { Session } from '../session.ts'
import { usageExitCode } from './usage.ts'

/** Whether the cluster is the embedded engine of this machine: by its version and its address. */
export async function isEmbeddedEngine({
  access,
  transport,
}: Pick<Session, 'access' | 'transport'>): Promise<boolean> {
  const { hostname } = new URL(access.server)
  if (!['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return false
  const version = parseJson(await transport.getText('/version'))
  return isJsonObject(version) && String(version.gitVersion).includes('+astern.')
}

/**
 * Says which cluster is about to be changed, before anything is; off the embedded engine it asks,
 * where somebody can answer, and needs `--yes` elsewhere. Returns whether it is the embedded
 * engine.
 */
export async function announceCluster(
  session: Pick<Session, 'access' | 'io' | 'namespace' | 'transport'>,
  flags: Pick<Flags, 'boolean'>,
): Promise<boolean> {
  const { access, io, namespace } = session
  const { cluster, server, context } = access
  io.stderr.write(`cluster ${cluster} (${server}), context ${context}, namespace ${namespace}\n`)
  const isEmbedded = await isEmbeddedEngine(session)
  if (!isEmbedded && !flags.boolean('yes')) await confirm(io)
  return isEmbedded
}

async function confirm(io: CliIo): Promise<void> {
  if (!io.canAsk) {
    const hint = '--yes changes it without asking'
    const message = 'this cluster is not the embedded engine, and there is nobody to ask'
    throw new CliError(message, { code: usageExitCode, hint })
  }
  io.stderr.write('Change this cluster? [y/N] ')
  const answer = await readLine(io.stdin)
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing was changed')
}

async function readLine(stdin: CliIo['stdin']): Promise<string> {
  let text = ''
  for await (const chunk of stdin) {
    text += chunk.toString()
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] ?? ''
}
