import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { connectToCompanion } from '../../src/base/companion-process.ts'
import { proxyLayout } from '../../src/proxy/layout.ts'
import type { Table } from '../../src/proxy/protocol.ts'
import { freePort } from '../../test/proxy/free-port.ts'

const host = '127.0.0.1'

/** Something between client and server; at `port` once it is started. */
export interface Peer {
  readonly port: number
  end(): Promise<void> | void
}

/** Of a large answer, with its head. */
export const bulkBytes = 64 * 2 ** 20
/** Requests of this length are for a large answer. */
export const bulkRequestBytesMin = 400

/** Answers 200 bytes, or many, to whatever comes. */
const serverProgram = `
const headOf = (length) => 'HTTP/1.1 200 OK\\r\\ncontent-length: ' + length + '\\r\\n\\r\\n'
const answer = headOf(200) + 'x'.repeat(200)
const bulkHead = headOf(${bulkBytes} - headOf(${bulkBytes}).length)
const part = Buffer.alloc(256 * 1024, 'x')
function sendBulk(socket) {
  let missing = ${bulkBytes} - bulkHead.length
  socket.write(bulkHead)
  const go = () => {
    while (missing > 0) {
      const bytes = part.subarray(0, Math.min(missing, part.length))
      missing -= bytes.length
      if (!socket.write(bytes)) return socket.once('drain', go)
    }
  }
  go()
}
require('node:net').createServer({ noDelay: true }, (socket) => {
  socket.on('data', (request) => {
    if (request.length < ${bulkRequestBytesMin}) socket.write(answer)
    else sendBulk(socket)
  }).on('error', () => {})
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

/** Joins two sockets and looks at nothing. */
const copierProgram = `
const net = require('node:net')
net.createServer({ noDelay: true }, (client) => {
  const server = net.connect({ port: Number(process.argv[1]), host: '127.0.0.1', noDelay: true })
  client.on('data', (chunk) => server.write(chunk)).on('error', () => server.destroy())
  server.on('data', (chunk) => client.write(chunk)).on('error', () => client.destroy())
  client.on('close', () => server.destroy())
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

async function startNode(program: string, ...args: readonly string[]): Promise<Peer> {
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  const child = spawn(process.execPath, ['-e', program, ...args], { stdio })
  const [port] = await once(child.stdout, 'data')
  return { port: Number(port), end: () => void child.kill('SIGKILL') }
}

export const startServer = (): Promise<Peer> => startNode(serverProgram)

export const startCopier = (serverPort: number): Promise<Peer> =>
  startNode(copierProgram, String(serverPort))

/** The proxy with one Service, as it is built. */
export async function startProxy(serverPort: number): Promise<Peer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-bench-'))
  const command = [process.execPath, resolve('dist/proxy-main.js')]
  const control = await connectToCompanion({ ...proxyLayout(dataDir), name: 'the proxy', command })
  control.setEncoding('utf8')
  const port = await freePort()
  const services = tableOf(port, serverPort)
  control.write(`${JSON.stringify({ type: 'table', version: 1, services })}\n`)
  for (let text = ''; !text.includes('"ack"'); ) text += (await once(control, 'data'))[0]
  const end = async () => {
    const isGone = once(control, 'close')
    control.write('{"type":"end"}\n')
    await isGone
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { port, end }
}

function tableOf(port: number, serverPort: number): Table {
  const conditions = { ready: true, serving: true, terminating: false }
  const pod = { podUid: 'u', podName: 'p', templateHash: 'h', ...conditions }
  const listeners = [{ ip: host, port }]
  const endpoints = [{ ip: host, port: serverPort, ...pod }]
  return [{ namespace: 'default', name: 'web', port: '', listeners, endpoints }]
}

/** With one thread; undefined when haproxy is not installed. */
export async function startHaproxy(
  serverPort: number,
  mode: 'tcp' | 'http',
): Promise<Peer | undefined> {
  const port = await freePort()
  const configuration = haproxyConfiguration({ port, serverPort, mode })
  return startPeer('haproxy', { port, configuration, args: (file) => ['-db', '-q', '-f', file] })
}

/** With one worker; undefined when nginx is not installed. */
export async function startNginx(serverPort: number): Promise<Peer | undefined> {
  const port = await freePort()
  const configuration = nginxConfiguration(port, serverPort)
  const args = (file: string) => ['-p', dirname(file), '-c', file, '-e', 'error.log']
  return startPeer('nginx', { port, configuration, args })
}

interface Configured {
  readonly port: number
  readonly configuration: string
  readonly args: (file: string) => readonly string[]
}

async function startPeer(
  command: string,
  { port, configuration, args }: Configured,
): Promise<Peer | undefined> {
  const directory = mkdtempSync(join(tmpdir(), `astern-${command}-`))
  const file = join(directory, 'configuration')
  writeFileSync(file, configuration)
  const child = spawn(command, args(file), { stdio: 'ignore' })
  let hasFailed = false
  const fail = () => {
    hasFailed = true
  }
  child.once('error', fail).once('exit', fail)
  const isUp = await accepts(port, () => hasFailed)
  const end = () => {
    // Its workers end with it.
    child.kill('SIGTERM')
    rmSync(directory, { recursive: true, force: true })
  }
  if (isUp) return { port, end }
  end()
  return undefined
}

function haproxyConfiguration(of: {
  readonly port: number
  readonly serverPort: number
  readonly mode: string
}): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode ${of.mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen bench
  bind ${host}:${of.port}
  server one ${host}:${of.serverPort}
`
}

function nginxConfiguration(port: number, serverPort: number): string {
  return `daemon off;
worker_processes 1;
pid pid;
error_log error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  upstream one { server ${host}:${serverPort}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen ${host}:${port};
    location / {
      proxy_pass http://one;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
}

/** Whether somebody listens there before it is hopeless. */
async function accepts(port: number, isHopeless: () => boolean): Promise<boolean> {
  while (!isHopeless()) {
    const socket = connect({ port, host })
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}
