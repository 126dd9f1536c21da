import type { ServiceError } from '@grpc/grpc-js'
import { errored, failure, type ProbeOutcome, success } from './probe.ts'

interface GrpcProbe {
  readonly host: string
  readonly port: number
  /** Empty: the server as a whole. */
  readonly service: string
  readonly timeoutMs: number
}

const method = '/grpc.health.v1.Health/Check'
/** grpc.health.v1.HealthCheckResponse.ServingStatus, by number. */
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/**
 * Asks a server for its health by the gRPC health protocol; SERVING is success (F-09). The library
 * is loaded by the first such probe. Never rejects.
 */
export async function grpcProbe(probe: GrpcProbe): Promise<ProbeOutcome> {
  const { Client, credentials } = await import('@grpc/grpc-js')
  const client = new Client(`${probe.host}:${probe.port}`, credentials.createInsecure(), {
    'grpc.primary_user_agent': 'kube-probe/1.35',
    'grpc.enable_retries': 0,
  })
  const overdue = AbortSignal.timeout(probe.timeoutMs)
  try {
    return await new Promise<ProbeOutcome>((resolve) => {
      const answered = (error: ServiceError | null, status = 0) =>
        resolve(error ? refusal(error, probe) : verdict(status))
      const { service } = probe
      const call = client.makeUnaryRequest(method, encodeRequest, decodeStatus, service, answered)
      overdue.addEventListener('abort', () => call.cancel(), { once: true })
    })
  } catch (error) {
    return errored((error as Error).message)
  } finally {
    client.close()
  }
}

function verdict(status: number): ProbeOutcome {
  const text = servingStatuses[status] ?? String(status)
  return text === 'SERVING' ? success() : failure(`service unhealthy (responded with "${text}")`)
}

/** In upstream's words. */
function refusal({ code, details, message }: ServiceError, probe: GrpcProbe): ProbeOutcome {
  const within = `${probe.timeoutMs / 1000}s`
  switch (code) {
    case 1:
      return failure(`timeout: health rpc did not complete within ${within}`)
    case 12:
      return failure(
        `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`,
      )
    case 14:
      return failure(
        `timeout: failed to connect service "${probe.host}:${probe.port}" within ${within}: ${details}`,
      )
    default:
      return failure(`error: health rpc probe failed: ${message}`)
  }
}

/** HealthCheckRequest { string service = 1 } */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service)
  return text.length === 0 ? text : Buffer.concat([Buffer.from([0x0a, text.length]), text])
}

/** HealthCheckResponse { ServingStatus status = 1 }, a number below 128. */
function decodeStatus(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] ?? 0) : 0
}
