import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { pictureOf } from './picture-of.ts'
import { renderPicture } from './render.ts'
import { firstPodStarts, lastPodLeaves, replicaSetOf } from './rollout.fixture.ts'

const wide = { columns: 120, isUnicode: true, hasColor: false }
const picture = pictureOf(firstPodStarts())

/** Lines without the blanks that only fill up. */
function rendered(...[what, options]: Parameters<typeof renderPicture>): string {
  const lines = renderPicture(what, options).map((line) => line.trimEnd())
  return `\n${lines.join('\n')}\n`
}

test('slide 3 of 16: one new pod is not ready', () => {
  expect(rendered(picture, wide)).toMatchInlineSnapshot(`
    "
    deployment/app  3 wanted · 4 there · 3 ready · 3 in traffic
    waiting for readiness of app-1.1.0-d (1.1.0)
    Waiting for deployment "app" rollout to finish: 1 out of 3 new replicas have been updated...
    revision 1  learnk8s/app:1.0.0  3 wanted  3 ready  900 requests  2 failed
    ├  ●  app-1.0.0-a  1.0.0  Running  ready      in traffic  12s  412 requests  0 failed
    ├  ●  app-1.0.0-b  1.0.0  Running  ready      in traffic  12s  411 requests  0 failed
    └  ●  app-1.0.0-c  1.0.0  Running  ready      in traffic  12s    0 requests  0 failed
    revision 2  learnk8s/app:1.1.0  1 wanted  0 ready    0 requests  0 failed
    └  ○  app-1.1.0-d  1.1.0  Running  not ready  no traffic  12s    0 requests  0 failed
    "
  `)
})

test('slide 15 of 16: the last old pod leaves', () => {
  expect(rendered(pictureOf(lastPodLeaves()), wide)).toMatchInlineSnapshot(`
    "
    deployment/app  3 wanted · 4 there · 4 ready · 3 in traffic
    complete: all 3 pods run 1.1.0 (revision 2), removing app-1.0.0-c (1.0.0)
    deployment "app" successfully rolled out
    revision 1  learnk8s/app:1.0.0  0 wanted  0 ready  900 requests  2 failed
    └  ✕  app-1.0.0-c  1.0.0  Terminating  ready  no traffic  12s  0 requests  0 failed
    revision 2  learnk8s/app:1.1.0  3 wanted  3 ready    0 requests  0 failed
    ├  ●  app-1.1.0-d  1.1.0  Running      ready  in traffic  12s  0 requests  0 failed
    ├  ●  app-1.1.0-e  1.1.0  Running      ready  in traffic  12s  0 requests  0 failed
    └  ●  app-1.1.0-f  1.1.0  Running      ready  in traffic  12s  0 requests  0 failed
    "
  `)
})

test('ASCII only, no counters, nothing served', () => {
  const bare = pictureOf({ ...firstPodStarts(), endpointSlices: [], traffic: undefined })
  expect(rendered(bare, { ...wide, isUnicode: false })).toMatchInlineSnapshot(`
    "
    deployment/app  3 wanted - 4 there - 3 ready
    waiting for readiness of app-1.1.0-d (1.1.0)
    Waiting for deployment "app" rollout to finish: 1 out of 3 new replicas have been updated...
    revision 1  learnk8s/app:1.0.0  3 wanted  3 ready
    |  *  app-1.0.0-a  1.0.0  Running  ready      12s
    |  *  app-1.0.0-b  1.0.0  Running  ready      12s
    \`  *  app-1.0.0-c  1.0.0  Running  ready      12s
    revision 2  learnk8s/app:1.1.0  1 wanted  0 ready
    \`  o  app-1.1.0-d  1.1.0  Running  not ready  12s
    "
  `)
})

test('little room: the least important columns go first', () => {
  expect(rendered(picture, { ...wide, columns: 60 })).toMatchInlineSnapshot(`
    "
    deployment/app  3 wanted · 4 there · 3 ready · 3 in traffic
    waiting for readiness of app-1.1.0-d (1.1.0)
    Waiting for deployment "app" rollout to finish: 1 out of 3 n
    revision 1  3 wanted  3 ready  900 requests  2 failed
    ●  app-1.0.0-a  1.0.0  ready      in traffic  0 failed
    ●  app-1.0.0-b  1.0.0  ready      in traffic  0 failed
    ●  app-1.0.0-c  1.0.0  ready      in traffic  0 failed
    revision 2  1 wanted  0 ready    0 requests  0 failed
    ○  app-1.1.0-d  1.1.0  not ready  no traffic  0 failed
    "
  `)
})

describe('whatever the width', () => {
  test.each([0, 1, 7, 20, 33, 47, 60, 80, 99, 200])('%i columns are enough', (columns) => {
    const lines = renderPicture(picture, { ...wide, columns })
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  })

  test('colours take no room and change no text', () => {
    const coloured = renderPicture(picture, { ...wide, columns: 70, hasColor: true })
    expect(coloured.join()).toContain('\u001b[32m')
    expect(coloured.map(stripVTControlCharacters)).toEqual(
      renderPicture(picture, { ...wide, columns: 70 }),
    )
  })
})

test('of many earlier revisions three are shown', () => {
  const input = lastPodLeaves()
  const earlier = ['0.1', '0.2', '0.3', '0.4', '0.5'].map((version) => replicaSetOf(0, version))
  const replicaSets = [...earlier, ...input.replicaSets]
  const lines = renderPicture(pictureOf({ ...input, replicaSets }), wide)
  expect(lines[3]).toBe('2 earlier revisions at 0')
  expect(lines.filter((line) => line.startsWith('revision 0'))).toHaveLength(3)
})
