import type { Probe } from '../../api/generated/types.ts'
import { resolvePort } from '../../api/ports.ts'
import type { Runtime } from '../runtime.ts'
import { grpcProbe } from './grpc-probe.ts'
import { httpProbe } from './http-probe.ts'
import {
  errored,
  failure,
  type ProbeOutcome,
  type ProbeRunner,
  type ProbeTarget,
  probeTimeoutMs,
  success,
} from './probe.ts'
import { tcpProbe } from './tcp-probe.ts'

async function execProbe(
  runtime: Runtime,
  { ref }: ProbeTarget,
  probe: Probe,
): Promise<ProbeOutcome> {
  const command = probe.exec?.command ?? []
  const { exitCode, output } = await runtime.exec(ref, command, probeTimeoutMs(probe))
  if (exitCode === 0) return success(output)
  if (exitCode !== undefined) return failure(output)
  const timeout = `${probe.timeoutSeconds ?? 1}s`
  return failure(`command timed out: "${command.join(' ')}" timed out after ${timeout}`)
}

/**
 * Carries out a probe of any kind (F-09): httpGet, tcpSocket, exec, grpc. Never rejects.
 */
export function probeRunner(runtime: Runtime): ProbeRunner {
  return async (target, probe) => {
    try {
      if (probe.exec) return await execProbe(runtime, target, probe)
      const { grpc } = probe
      const action = probe.httpGet ?? probe.tcpSocket ?? grpc
      if (!action) return errored('the probe has no handler')
      const port = resolvePort(target.pod, action.port)
      if (port === undefined) return errored(`couldn't find port: ${action.port}`)
      const timeoutMs = probeTimeoutMs(probe)
      if (grpc) {
        const { service = '' } = grpc
        return await grpcProbe({ host: target.sandbox.ip, port, service, timeoutMs })
      }
      const host = (probe.httpGet ?? probe.tcpSocket)?.host ?? target.sandbox.ip
      return probe.httpGet
        ? await httpProbe({ action: probe.httpGet, host, port, timeoutMs })
        : await tcpProbe({ host, port, timeoutMs })
    } catch (error) {
      return errored((error as Error).message)
    }
  }
}
