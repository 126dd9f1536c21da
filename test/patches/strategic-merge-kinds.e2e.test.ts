import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scheme } from '../../src/api/scheme.ts'
import { byAstern, byKubectl } from './appliers.ts'
import { objectAndPatch } from './generated.ts'

/** Patches of each kind; the long form is `ASTERN_PATCHES=200` before the command. */
const runs = Number(process.env.ASTERN_PATCHES ?? 3)
const seed = 36

test.each(scheme.map((resource) => [resource.kind, resource] as const))(
  'H-13, H-14 a patch of a %s is what kubectl makes of it',
  async (_kind, resource) => {
    for (const [object, patch] of fc.sample(objectAndPatch(resource), { numRuns: runs, seed })) {
      const context = JSON.stringify({ object, patch })
      expect(byAstern(object, patch), context).toEqual(await byKubectl(object, patch))
    }
  },
)
