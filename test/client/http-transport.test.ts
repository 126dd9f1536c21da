import { afterAll, beforeAll, expect, test } from 'vitest'
import { configMaps, pods } from '../../src/api/scheme.ts'
import type { WatchEvent } from '../../src/api/transport.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Table } from '../../src/client/table.ts'
import { type GivenHttp, givenHttp } from './given-http.ts'

// The verbs are in test/http-transport.contract.test.ts; here is what a connection adds.

let http: GivenHttp
beforeAll(async () => {
  http = await givenHttp()
})
afterAll(() => http.stop())

const inDefault = { namespace: 'default' }

function configMap(name: string, value = '1') {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } }
}

test('a raw path', async () => {
  expect(JSON.parse(await http.transport.getText('/version')).gitVersion).toMatch(/^v1\.35\./)
  await expect(http.transport.getText('/nothing')).rejects.toMatchObject({ reason: 'NotFound' })
})

test('without a certificate the server asks for one; a wrong authority is refused, with a hint', async () => {
  const { access } = http
  const { ca } = access.tls
  const anonymous = http.connect({ access: { ...access, tls: ca ? { ca } : {} } })
  await expect(anonymous.list(pods, {})).rejects.toMatchObject({ reason: 'Unauthorized' })
  const { cert } = access.tls
  const wrong = http.connect({ access: { ...access, tls: cert ? { ca: cert } : {} } })
  await expect(wrong.list(pods, {})).rejects.toMatchObject({
    name: 'ConnectionError',
    message: expect.stringMatching(/^Unable to connect to the server: tls: failed to verify cert/),
    hint: expect.stringContaining('astern kubeconfig'),
  })
  const careless = http.connect({ access: { ...access, tls: { isInsecure: true } } })
  expect(await careless.getText('/livez')).toBe('ok')
})

test('H-05: one object, a collection and a watch as Tables', async () => {
  const { transport } = http
  await transport.create(configMaps, inDefault, configMap('table'))
  const one = await transport.getTable(configMaps, inDefault, { name: 'table' })
  expect(one.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age'])
  expect(one.rows[0]?.cells.slice(0, 2)).toEqual(['table', 1])
  expect(one.rows[0]?.object?.metadata.name).toBe('table')

  const all = await transport.getTable(configMaps, inDefault, { includeObject: 'None', limit: 1 })
  expect(all.rows.length).toBe(1)
  expect(all.rows[0]?.object).toBeNull()

  const heard: [string, Table][] = []
  const event = (type: string, table: Table) => void heard.push([type, table])
  const options = { fieldSelector: 'metadata.name=table', timeoutSeconds: 1 }
  await new Promise((end) => transport.watchTable(configMaps, inDefault, options, { event, end }))
  expect(heard[0]?.[0]).toBe('ADDED')
  expect(heard[0]?.[1].rows[0]?.cells[0]).toBe('table')
})

test('H-20 H-21: an unknown field is warned of', async () => {
  const warnings: string[] = []
  const transport = http.connect({ onWarning: (text) => void warnings.push(text) })
  const object = { ...configMap('warned'), 'spec"ü': {} }
  await transport.create(configMaps, inDefault, object)
  expect(warnings).toEqual(['unknown field "spec\\"ü"'])
})

test('informers over HTTP live through a restart of the server', async () => {
  const { transport, context } = http
  const informers = createInformers(context, transport)
  const informer = informers.for(configMaps)
  const heard: string[] = []
  informer.addHandler({
    added: ({ metadata }) => heard.push(`added ${metadata.name}`),
    deleted: ({ metadata }) => heard.push(`deleted ${metadata.name}`),
  })
  await informers.start()
  heard.length = 0
  await transport.create(configMaps, inDefault, configMap('before'))
  await expect.poll(() => heard).toEqual(['added before'])

  await http.restart()
  await transport.delete(configMaps, { ...inDefault, name: 'before' })
  await transport.create(configMaps, inDefault, configMap('after'))
  await expect
    .poll(() => heard, { timeout: 5000 })
    .toEqual(['added before', 'deleted before', 'added after'])
  await informers.stop()
})

test('a hundred watches and a hundred writes share one connection', async () => {
  const { transport } = http
  const options = { fieldSelector: 'metadata.name=busy-99', resourceVersion: '' }
  let seen = 0
  const watches = Array.from({ length: 100 }, () =>
    transport.watch(configMaps, inDefault, options, {
      event: ({ type }: WatchEvent) => {
        if (type === 'ADDED') seen++
      },
      end: () => {},
    }),
  )
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      transport.create(configMaps, inDefault, configMap(`busy-${index}`)),
    ),
  )
  await expect.poll(() => seen).toBe(100)
  for (const watch of watches) watch.stop()
})

test('a list of many megabytes comes whole', async () => {
  const { transport } = http
  const value = 'ü'.repeat(400_000)
  for (let index = 0; index < 12; index++) {
    await transport.create(
      configMaps,
      { namespace: 'kube-public' },
      configMap(`big-${index}`, value),
    )
  }
  const { items } = await transport.list(configMaps, { namespace: 'kube-public' })
  const big = items.filter(({ metadata }) => metadata.name?.startsWith('big-'))
  expect(big.map(({ data }) => data?.value === value)).toEqual(Array(12).fill(true))
})
