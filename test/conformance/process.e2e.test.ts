import { afterAll, beforeAll, test } from 'vitest'
import { bodies } from './all-bodies.ts'
import type { Place } from './place.ts'
import { openProcessPlace } from './real-place.ts'

let place: Place

beforeAll(async () => {
  place = await openProcessPlace()
})

afterAll(() => place.close())

for (const body of bodies.filter(({ needsPrograms }) => needsPrograms)) {
  test(`${body.id}: ${body.title}`, () => place.run(body))
}
