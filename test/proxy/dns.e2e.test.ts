import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DnsServer } from '../../src/proxy/process/dns/dns-server.ts'
import type { NameTable } from '../../src/proxy/protocol.ts'
import { freePort } from './free-port.ts'

const dir = mkdtempSync(join(tmpdir(), 'astern-dns-'))
const cluster = new DnsServer()
/** Stands for the resolver of the machine's network. */
const outside = new DnsServer()
const client = new Resolver({ timeout: 5_000, tries: 2 })
const web = 'web.shop.svc.cluster.local'
/** More addresses than go into one packet. */
const many = Array.from({ length: 200 }, (_, index) => `10.1.0.${index}`)
const names: NameTable['names'] = {
  [web]: { addresses: ['10.96.0.7'] },
  'many.shop.svc.cluster.local': { addresses: many },
  'far.shop.svc.cluster.local': { alias: 'www.example.org' },
  'lost.shop.svc.cluster.local': { alias: 'no.example.org' },
  'odd.shop.svc.cluster.local': { alias: `${'x'.repeat(70)}.example.org` },
}
let port = 0

async function start(server: DnsServer, table: Omit<NameTable, 'address' | 'resolvConf'>) {
  const own = await freePort()
  const resolvConf = join(dir, 'resolv.conf')
  const failure = await server.follow({
    address: { ip: '127.0.0.1', port: own },
    resolvConf,
    ...table,
  })
  expect(failure).toBeUndefined()
  return own
}

beforeAll(async () => {
  const domain = 'example.org'
  const outsidePort = await start(outside, {
    domain,
    names: { 'www.example.org': { addresses: ['192.0.2.80'] } },
  })
  writeFileSync(join(dir, 'resolv.conf'), `nameserver 127.0.0.1:${outsidePort}\n`)
  port = await start(cluster, { domain: 'cluster.local', names })
  client.setServers([`127.0.0.1:${port}`])
})

afterAll(() => {
  cluster.close()
  outside.close()
  rmSync(dir, { recursive: true, force: true })
})

test('a Service is found, and one that is not there is not', async () => {
  expect(await client.resolve4(web)).toEqual(['10.96.0.7'])
  await expect(client.resolve4(`no.${web}`)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(client.resolve6(web)).rejects.toMatchObject({ code: 'ENODATA' })
})

test('what is too long for UDP comes by TCP, whole', async () => {
  const found = await client.resolve4('many.shop.svc.cluster.local')
  expect(found.sort()).toEqual([...many].sort())
})

test('other names are asked of the machine’s resolver, also those that aliases lead to', async () => {
  expect(await client.resolve4('www.example.org')).toEqual(['192.0.2.80'])
  await expect(client.resolve4('no.example.org')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  expect(await client.resolve4('far.shop.svc.cluster.local')).toEqual(['192.0.2.80'])
  await expect(client.resolve4('lost.shop.svc.cluster.local')).rejects.toMatchObject({
    code: 'ENOTFOUND',
  })
})

test('an alias that is no name fails, and nothing else', async () => {
  await expect(client.resolve4('odd.shop.svc.cluster.local')).rejects.toMatchObject({
    code: 'ESERVFAIL',
  })
  expect(await client.resolve4(web)).toEqual(['10.96.0.7'])
})

test('when the resolver is gone, the cluster’s own names are still there', async () => {
  const file = join(dir, 'nobody.conf')
  writeFileSync(file, `nameserver 127.0.0.1:${await freePort()}\n`)
  const lonely = new DnsServer()
  const address = { ip: '127.0.0.1', port: await freePort() }
  const table = { address, domain: 'cluster.local', names, resolvConf: file }
  expect(await lonely.follow(table)).toBeUndefined()
  const asking = new Resolver({ timeout: 5_000, tries: 1 })
  asking.setServers([`127.0.0.1:${address.port}`])
  await expect(asking.resolve4('www.example.org')).rejects.toMatchObject({ code: 'ESERVFAIL' })
  expect(await asking.resolve4(web)).toEqual(['10.96.0.7'])
  lonely.close()
})

test('a new table holds at once; an address that is taken is told', async () => {
  const taken = new DnsServer()
  const address = { ip: '127.0.0.1', port }
  const table = { address, domain: 'cluster.local', resolvConf: join(dir, 'resolv.conf') }
  expect(await taken.follow({ ...table, names })).toBe('EADDRINUSE')
  const moved = { ...names, [web]: { addresses: ['10.96.0.8'] } }
  expect(await cluster.follow({ ...table, names: moved })).toBeUndefined()
  expect(await client.resolve4(web)).toEqual(['10.96.0.8'])
  await cluster.follow({ ...table, names })
})

test('garbage, answers, and questions without end are no harm', async () => {
  const socket = createSocket('udp4')
  const replies: Buffer[] = []
  socket.on('message', (message) => replies.push(message))
  const send = (bytes: Buffer) => socket.send(bytes, port, '127.0.0.1')
  const head = (flags: number, questions: number) =>
    Buffer.from([7, 7, flags >> 8, flags & 255, 0, questions, 0, 0, 0, 0, 0, 0])
  send(Buffer.from([1]))
  send(head(0x8000, 0))
  // A name that points at itself.
  send(Buffer.concat([head(0, 1), Buffer.from([0xc0, 12, 0, 1, 0, 1])]))
  send(head(0, 9))
  await expect.poll(() => replies.length).toBe(2)
  // FORMERR, under the id of the query.
  for (const reply of replies) expect([...reply.subarray(0, 4)]).toEqual([7, 7, 0x80, 1])
  socket.close()
  const stream = connect(port, '127.0.0.1')
  await once(stream, 'connect')
  stream.end(Buffer.from([255, 255, 1, 2, 3]))
  await once(stream.resume(), 'close')
  expect(await client.resolve4(web)).toEqual(['10.96.0.7'])
})
