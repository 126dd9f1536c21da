import { expect, test } from 'vitest'
import { responseCodes, verdictOf } from './answer.ts'
import { KnownNames } from './known-names.ts'

const names = new KnownNames({
  domain: 'cluster.local',
  names: {
    'web.shop.svc.cluster.local': { addresses: ['10.0.0.1'] },
    'db.shop.svc.cluster.local': { addresses: ['10.1.0.1', '10.1.0.2', '10.1.0.3'] },
    '_http._tcp.web.shop.svc.cluster.local': {
      servers: [{ port: 80, target: 'web.shop.svc.cluster.local' }],
    },
    'near.shop.svc.cluster.local': { alias: 'web.shop.svc.cluster.local' },
    'far.shop.svc.cluster.local': { alias: 'example.org' },
    'round.shop.svc.cluster.local': { alias: 'round.shop.svc.cluster.local' },
    '1.0.0.10.in-addr.arpa': { pointer: 'web.shop.svc.cluster.local' },
  },
})

const asked = (name: string, type: 'A' | 'AAAA' | 'SRV' | 'PTR' = 'A', turn = 0) =>
  verdictOf({ name, type }, names, turn)
const dataOf = (name: string, type: 'A' | 'SRV' | 'PTR' = 'A', turn = 0) =>
  asked(name, type, turn).answers.map((answer) => ('data' in answer ? answer.data : undefined))

test('names are found in whatever case, with the last dot or without', () => {
  expect(dataOf('Web.Shop.svc.cluster.local.')).toEqual(['10.0.0.1'])
})

test('several addresses take turns at being first', () => {
  const first = [0, 1, 2, 3].map((turn) => dataOf('db.shop.svc.cluster.local', 'A', turn)[0])
  expect(first).toEqual(['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.1'])
})

test.each([
  ['no such Service', 'no.shop.svc.cluster.local', responseCodes.noSuchName],
  ['no such zone of ours', 'x.cluster.local', responseCodes.noSuchName],
  ['a namespace: others are below it', 'shop.svc.cluster.local', responseCodes.ok],
  ['the zone itself', 'cluster.local', responseCodes.ok],
])('%s', (_, name, code) => {
  expect(asked(name)).toMatchObject({ code, answers: [], outside: undefined })
})

test('a name that is there has no address of version 6: that is no error', () => {
  const verdict = asked('web.shop.svc.cluster.local', 'AAAA')
  expect(verdict).toMatchObject({ code: responseCodes.ok, answers: [], outside: undefined })
})

test('SRV comes with the address of its target', () => {
  const verdict = asked('_http._tcp.web.shop.svc.cluster.local', 'SRV')
  expect(verdict.answers).toMatchObject([{ type: 'SRV', data: { port: 80 } }])
  expect(verdict.additionals).toMatchObject([{ type: 'A', data: '10.0.0.1' }])
})

test('an address leads back to its name; others are not ours', () => {
  expect(dataOf('1.0.0.10.in-addr.arpa', 'PTR')).toEqual(['web.shop.svc.cluster.local'])
  expect(asked('2.0.0.10.in-addr.arpa', 'PTR').outside).toBeDefined()
})

test('aliases are followed, inside and to the outside, but not for ever', () => {
  expect(asked('near.shop.svc.cluster.local').answers).toMatchObject([
    { type: 'CNAME', data: 'web.shop.svc.cluster.local' },
    { type: 'A', data: '10.0.0.1' },
  ])
  expect(asked('far.shop.svc.cluster.local').outside).toMatchObject({
    question: { name: 'example.org', type: 'A' },
    answers: [{ type: 'CNAME', data: 'example.org' }],
  })
  expect(asked('round.shop.svc.cluster.local').code).toBe(responseCodes.failed)
})

test('what is not below the zone is for others to answer, whatever it looks like', () => {
  expect(asked('notcluster.local').outside?.question.name).toBe('notcluster.local')
  expect(asked('__proto__').outside).toBeDefined()
})
