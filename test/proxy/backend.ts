import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program behind a Service: a process of its own, without any handler for SIGTERM. */
export interface Backend {
  readonly name: string
  readonly port: number
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/**
 * /name answers its name; /echo the body, as it comes; /slow?MS after that time; /stream?N in N
 * chunks, 10 ms apart; /close without keep-alive and without a length; an Upgrade echoes bytes.
 */
const program = `
const http = require('node:http')
const name = process.argv[1]
const answers = {
  '/name': (request, response) => response.end(name),
  '/echo': (request, response) => request.pipe(response),
  '/slow': (request, response, ms) => setTimeout(() => response.end(name), Number(ms)),
  '/stream': (request, response, count) => {
    let sent = 0
    const timer = setInterval(() => {
      response.write(name + sent + ';')
      if (++sent < Number(count)) return
      clearInterval(timer)
      response.end()
    }, 10)
  },
  '/close': (request, response) => {
    response.useChunkedEncodingByDefault = false
    response.setHeader('connection', 'close')
    response.write(name)
    response.end()
  },
}
const server = http.createServer((request, response) => {
  const [path, query] = request.url.split('?')
  response.setHeader('x-backend', name)
  const answer = answers[path]
  if (answer) return answer(request, response, query)
  response.statusCode = 404
  response.end()
})
server.keepAliveTimeout = 60000
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n')
  socket.on('data', (chunk) => socket.write(name + ':' + chunk))
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

const running = new Set<ChildProcess>()

export async function givenBackend(name: string): Promise<Backend> {
  const child = spawn(process.execPath, ['-e', program, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const [line] = await once(child.stdout, 'data')
  const kill = async () => {
    if (!running.delete(child)) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return { name, port: Number(line), kill }
}

/** After each test: no program outlives it. */
export function endBackends(): void {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
}
