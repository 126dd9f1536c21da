import { connect } from 'node:net'
import { failure, type ProbeOutcome, success } from './probe.ts'

interface TcpProbe {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

/** Success when a connection opens (F-09). */
export function tcpProbe({ host, port, timeoutMs }: TcpProbe): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const finish = (outcome: ProbeOutcome) => {
      socket.destroy()
      resolve(outcome)
    }
    socket.on('connect', () => finish(success()))
    socket.on('timeout', () => finish(failure(`dial tcp ${host}:${port}: i/o timeout`)))
    socket.on('error', (error) => finish(failure(`dial tcp ${host}:${port}: ${error.message}`)))
  })
}
