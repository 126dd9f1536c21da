import type { Pod } from '../../api/generated/types.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'

const linesRead = 20
const portTaken = /EADDRINUSE|address already in use/i

/**
 * A program of a process pod that does not look at `$PORT` finds its port taken by the next pod of
 * its kind, and says so in its log at most. This Event says what to do (design: ports of process
 * pods).
 */
export async function hintAtPort(
  { runtime, recorder }: AgentServices,
  pod: Pod,
  { record, sandbox }: { readonly record: ContainerRecord; readonly sandbox: Sandbox | undefined },
): Promise<void> {
  const hasOwnPorts = sandbox !== undefined && Object.keys(sandbox.ports).length > 0
  if (!hasOwnPorts || record.state.phase !== 'exited' || record.state.exitCode === 0) return
  const options = { container: record.container, tailLines: linesRead }
  let tail = ''
  for await (const chunk of runtime.readLog(record, options, new AbortController().signal)) {
    tail += Buffer.from(chunk).toString('utf8')
  }
  if (!portTaken.test(tail)) return
  const port = sandbox.env.find(({ name }) => name === 'PORT')?.value
  const text = `container ${record.container} tried to listen on a port that is taken; process pods share this machine's ports: let the program listen on $PORT (${port} for this pod)`
  recorder.event(pod, 'Warning', 'PortTaken', text)
}
