/**
 * A program for the process runtime: answers its version, or 500 with it. `/started` and `/ready`
 * are for probes; with `GATES` in its environment they stay 503 until the file
 * `$GATES/<version>-started` or `-ready` is there. The first request of a client is logged.
 */
export const sampleProgram = (version: string, code: 200 | 500 = 200) => `
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'

const gates = { '/started': 'started', '/ready': 'ready' }
const isOpen = (gate) =>
  !process.env.GATES || existsSync(process.env.GATES + '/${version}-' + gate)
let hasServed = false

createServer((request, response) => {
  const gate = gates[request.url]
  if (gate) return response.writeHead(isOpen(gate) ? 200 : 503).end()
  if (!hasServed) console.log('first request')
  hasServed = true
  request.resume().on('end', () => response.writeHead(${code}).end('${version}'))
}).listen(process.env.PORT, '127.0.0.1')
`

/** The container's part of a manifest that lets both probes decide; quick, for tests. */
export const probes = {
  startupProbe: {
    httpGet: { path: '/started', port: 8080 },
    periodSeconds: 1,
    failureThreshold: 60,
  },
  readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
}
