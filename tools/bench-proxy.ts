import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connectToCompanion } from '../src/base/companion-process.ts'
import { proxyLayout } from '../src/proxy/layout.ts'
import { HeadParser } from '../src/proxy/process/http/head.ts'
import type { Table } from '../src/proxy/protocol.ts'

/**
 * `npx tsx tools/bench-proxy.ts`: requests per second through the proxy's process, beside the same
 * load straight to the server and through a proxy that only copies bytes, in turn; and the parser
 * alone. The client is the same, 32 connections on 127.0.0.1; ratios within one run count.
 */
const connections = 32
const roundMs = 1_500
const rounds = 5

const serverProgram = `
const body = 'x'.repeat(200)
const answer = 'HTTP/1.1 200 OK\\r\\ncontent-length: ' + body.length + '\\r\\n\\r\\n' + body
require('node:net').createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer)).on('error', () => {})
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

const copierProgram = `
const net = require('node:net')
net.createServer({ noDelay: true }, (client) => {
  const server = net.connect({ port: Number(process.argv[1]), host: '127.0.0.1', noDelay: true })
  client.on('data', (chunk) => server.write(chunk)).on('error', () => server.destroy())
  server.on('data', (chunk) => client.write(chunk)).on('error', () => client.destroy())
  client.on('close', () => server.destroy())
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

const request = Buffer.from(
  'GET /some/path?query=1 HTTP/1.1\r\nHost: web.default.svc\r\nUser-Agent: bench/1\r\n' +
    'Accept: */*\r\nAccept-Encoding: gzip, br\r\nConnection: keep-alive\r\n\r\n',
)

const ended: (() => void)[] = []

async function start(program: string, ...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ended.push(() => child.kill('SIGKILL'))
  const [port] = await once(child.stdout, 'data')
  return Number(port)
}

/** Starts the proxy with one Service on a free port; resolves with that port. */
async function startProxy(serverPort: number): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-bench-'))
  const tsx = import.meta.resolve('tsx')
  const command = [process.execPath, '--import', tsx, resolve('src/proxy/process/main.ts')]
  const control = await connectToCompanion({ ...proxyLayout(dataDir), name: 'the proxy', command })
  ended.push(() => {
    control.write('{"type":"end"}\n')
    control.end()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const port = 20_000 + (process.pid % 9_000)
  const conditions = { ready: true, serving: true, terminating: false }
  const pod = { podUid: 'u', podName: 'p', templateHash: 'h', ...conditions }
  const services: Table = [
    {
      namespace: 'default',
      name: 'web',
      port: '',
      listeners: [{ ip: '127.0.0.1', port }],
      endpoints: [{ ip: '127.0.0.1', port: serverPort, ...pod }],
    },
  ]
  control.write(`${JSON.stringify({ type: 'table', version: 1, services })}\n`)
  control.setEncoding('utf8')
  for (let text = ''; !text.includes('"ack"'); ) text += (await once(control, 'data'))[0]
  return port
}

/** Requests per second, each connection asking again as soon as it is answered. */
async function keepAlive(port: number): Promise<number> {
  let count = 0
  const sockets = Array.from({ length: connections }, (): Socket => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('data', () => {
      count++
      socket.write(request)
    })
    socket.write(request)
    return socket
  })
  await new Promise((done) => setTimeout(done, roundMs))
  for (const socket of sockets) socket.destroy()
  return (count * 1_000) / roundMs
}

/** Requests per second with a connection for each. */
async function newConnections(port: number): Promise<number> {
  let count = 0
  let isOver = false
  const loop = async () => {
    while (!isOver) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.write(request)
      await once(socket, 'data')
      socket.destroy()
      count++
    }
  }
  const loops = Array.from({ length: connections }, loop)
  await new Promise((done) => setTimeout(done, roundMs))
  isOver = true
  await Promise.all(loops)
  return (count * 1_000) / roundMs
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function parserNanoseconds(): number {
  const parser = new HeadParser('request')
  const times = 500_000
  const from = performance.now()
  for (let turn = 0; turn < times; turn++) {
    parser.reset()
    parser.parse(request)
  }
  return ((performance.now() - from) * 1e6) / times
}

async function compare(name: string, measure: (port: number) => Promise<number>, ports: number[]) {
  const results = ports.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, port] of ports.entries()) results[index]?.push(await measure(port))
  }
  const [direct = 1, copier = 1, proxy = 1] = results.map(median)
  const per = (value: number) => `${Math.round(value)}/s`
  console.log(
    `${name}: direct ${per(direct)}, copier ${per(copier)}, proxy ${per(proxy)}; ` +
      `proxy to copier ${(proxy / copier).toFixed(2)}`,
  )
}

try {
  parserNanoseconds()
  console.log(`parser: ${Math.round(parserNanoseconds())} ns for a head of ${request.length} bytes`)
  const server = await start(serverProgram)
  const ports = [server, await start(copierProgram, String(server)), await startProxy(server)]
  await compare('keep-alive', keepAlive, ports)
  await compare('new connections', newConnections, ports)
} finally {
  for (const end of ended) end()
}
