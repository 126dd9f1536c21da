import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LifecycleHandler, Pod } from '../../api/generated/types.ts'
import { resolvePort } from '../../api/ports.ts'
import { sleep } from '../../base/clock.ts'
import type { ContainerRef, Sandbox } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'

export interface HookTarget {
  readonly pod: Pod
  readonly ref: ContainerRef
  readonly sandbox: Sandbox
  readonly timeoutMs: number
}

/**
 * Runs a lifecycle handler (exec, httpGet, sleep); resolves with what went wrong, or undefined
 * (F-10).
 */
export async function runHook(
  services: AgentServices,
  hook: LifecycleHandler,
  target: HookTarget,
): Promise<string | undefined> {
  try {
    if (hook.exec) return await execHook(services, hook.exec.command ?? [], target)
    if (hook.httpGet) return await httpHook(hook.httpGet, target)
    const sleepMs = Math.min(Number(hook.sleep?.seconds ?? 0) * 1000, target.timeoutMs)
    await sleep(services.context.clock, sleepMs)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

async function execHook(
  { runtime }: AgentServices,
  command: readonly string[],
  { ref, timeoutMs }: HookTarget,
): Promise<string | undefined> {
  const { exitCode, output } = await runtime.exec(ref, command, timeoutMs)
  if (exitCode === 0) return undefined
  const how = exitCode === undefined ? 'did not end in time' : `exited with ${exitCode}`
  return `command '${command.join(' ')}' ${how}: ${output}`
}

function httpHook(
  { path = '/', port, host, scheme, httpHeaders = [] }: NonNullable<LifecycleHandler['httpGet']>,
  { pod, sandbox, timeoutMs }: HookTarget,
): Promise<string | undefined> {
  const real = resolvePort(pod, port)
  if (real === undefined) return Promise.resolve(`couldn't find port: ${port}`)
  return new Promise((resolve) => {
    const options = {
      host: host ?? sandbox.ip,
      port: real,
      path,
      headers: Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
      timeout: timeoutMs,
      agent: false,
      rejectUnauthorized: false,
    }
    const request = scheme === 'HTTPS' ? httpsRequest : httpRequest
    const asked = request(options, (response) => {
      response.resume()
      response.on('close', () => resolve(undefined))
    })
    asked.on('timeout', () => asked.destroy(new Error('timed out')))
    asked.on('error', (error) => resolve(error.message)).end()
  })
}
