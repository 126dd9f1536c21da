import { afterEach, beforeEach, expect, test } from 'vitest'
import { deployments } from '../../api/scheme.ts'
import type { EndpointTraffic } from '../../api/seams.ts'
import { StatusError } from '../../api/status-error.ts'
import { deployment, type GivenServer, givenServer, named } from '../../apiserver/server.fixture.ts'
import { seededIds } from '../../base/ids.ts'
import { silentLogger } from '../../base/log.ts'
import { seededPrng } from '../../base/prng.ts'
import { createInformers } from '../../client/informers.ts'
import type { Picture } from './picture.ts'
import { PictureSource } from './picture-source.ts'
import { trafficReader } from './read-traffic.ts'

let given: GivenServer
const stops: (() => unknown)[] = []

beforeEach(async () => {
  given = await givenServer()
})

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await given.stop()
})

async function watching(
  readTraffic: () => Promise<readonly EndpointTraffic[] | undefined>,
): Promise<Picture[]> {
  const { api, clock } = given
  const prng = seededPrng(1)
  const context = { clock, prng, ids: seededIds(prng), log: silentLogger }
  const informers = createInformers(context, api, { namespace: 'default' })
  const source = new PictureSource({ context, informers, key: named('app'), readTraffic })
  const pictures: Picture[] = []
  source.addListener((picture) => pictures.push(picture))
  source.start()
  stops.push(
    () => source.stop(),
    () => informers.stop(),
  )
  await informers.start()
  return pictures
}

test('no picture before there is a Deployment; one soon after each change', async () => {
  const pictures = await watching(async () => undefined)
  await given.clock.advance(1_000)
  expect(pictures).toEqual([])
  await given.api.create(deployments, { namespace: 'default' }, deployment('app', { replicas: 3 }))
  await given.clock.advance(100)
  expect(pictures.at(-1)).toMatchObject({ name: 'app', desired: 3, isCounted: false })
  const body = { spec: { replicas: 5 } }
  await given.api.patch(deployments, named('app'), { type: 'application/merge-patch+json', body })
  await given.clock.advance(100)
  expect(pictures.at(-1)?.desired).toBe(5)
  await given.api.delete(deployments, named('app'))
  await given.clock.advance(100)
  const told = pictures.length
  await given.clock.advance(5_000)
  expect(pictures).toHaveLength(told)
})

test('counters that cannot be read, or do not come, hold nothing up', async () => {
  await given.api.create(deployments, { namespace: 'default' }, deployment('app'))
  const readings = [() => Promise.reject(new Error('broken')), () => new Promise<never>(() => {})]
  const pictures = await watching(() => (readings.shift() ?? (async () => []))())
  await given.clock.advance(3_000)
  expect(pictures.length).toBeGreaterThan(2)
  expect(pictures.at(-1)?.isCounted).toBe(true)
})

test('a cluster without counters is asked once', async () => {
  let asked = 0
  const read = trafficReader({
    async getText() {
      asked++
      throw new StatusError('NotFound', 'the server could not find the requested resource')
    },
  })
  expect([await read(), await read(), asked]).toEqual([undefined, undefined, 1])
})
