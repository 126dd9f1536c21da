import { afterAll, beforeAll, test } from 'vitest'
import { bodies } from './all-bodies.ts'
import type { Place } from './place.ts'
import { openVirtualPlace } from './virtual-place.ts'

let place: Place

beforeAll(async () => {
  place = await openVirtualPlace()
})

afterAll(() => place.close())

for (const body of bodies.filter(({ needsPrograms }) => !needsPrograms)) {
  test(`${body.id}: ${body.title}`, () => place.run(body))
}
