import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Container, PodSpec } from '../../src/api/generated/types.ts'

/** Of a pod that serves gRPC's health protocol. */
export const grpcPort = 5000

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

/**
 * SERVING once the pod has a file /tmp/go. A message of the protocol is a byte for its field and
 * one for the status.
 */
const script = `
  const { existsSync } = require('node:fs')
  const { Server, ServerCredentials } = require('/node_modules/@grpc/grpc-js')
  const asIs = (bytes) => bytes
  const path = '/grpc.health.v1.Health/Check'
  const check = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  }
  const server = new Server()
  server.addService({ check }, {
    check: (_, answer) => answer(null, Buffer.from([0x08, existsSync('/tmp/go') ? 1 : 2])),
  })
  server.bindAsync('0.0.0.0:${grpcPort}', ServerCredentials.createInsecure(), (error) => {
    if (error) throw error
  })
  process.once('SIGTERM', () => process.exit(0))
`

/** The files that a program of this machine is made of: itself, its libraries, and its loader. */
function filesOf(program: string): readonly string[] {
  const lines = execFileSync('ldd', [program]).toString().split('\n')
  const libraries = lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
  return [program, ...libraries]
}

/**
 * A server by this machine's own Node, in any image at all: it is shown to the container, which has
 * nothing of it, file by file.
 */
export function grpcServer(): {
  readonly container: Partial<Container>
  readonly spec: Partial<PodSpec>
} {
  const shown = new Map(filesOf(process.execPath).map((file) => [file, realpathSync(file)]))
  shown.set('/node_modules', modules)
  const mounts = [...shown].map(([mountPath, path], index) => ({
    name: `f${index}`,
    mountPath,
    path,
  }))
  return {
    container: {
      command: [process.execPath, '-e', script],
      volumeMounts: mounts.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
    },
    spec: { volumes: mounts.map(({ name, path }) => ({ name, hostPath: { path } })) },
  }
}
