import { expect, test } from 'vitest'
import type { SnapshotDiff } from '../../release/diff.ts'
import { colorsFor } from './colors.ts'
import { diffText } from './diff-text.ts'

const diff: SnapshotDiff = {
  from: 'r1',
  to: 'r2',
  template: [{ path: 'spec.containers[name=app].image', from: 'app:1', to: 'app:2' }],
  configuration: [
    { name: 'settings', fields: [{ path: 'data.FILE', from: 'a\nb\n', to: 'a\nc\n' }] },
    { name: 'new', fields: [{ path: 'data.MAP', to: { b: 1, a: [true] } }] },
  ],
  secrets: [
    { name: 'one', change: 'changed' },
    { name: 'two', change: 'unchanged' },
  ],
}
const plain = colorsFor({ isTerminal: false, env: {} })

test('what was and what is, texts line by line; of Secrets whether they changed', () => {
  expect(diffText(diff, plain)).toBe(`--- r1
+++ r2
template
  spec.containers[name=app].image
  - app:1
  + app:2
ConfigMap settings
  data.FILE
    a
  - b
  + c
ConfigMap new
  data.MAP
  + {"a":[true],"b":1}
Secret one: changed
`)
})

test('nothing for no difference', () => {
  const none = { ...diff, template: [], configuration: [], secrets: diff.secrets.slice(1) }
  expect(diffText(none, plain)).toBe('')
})

test.each([
  [{ isTerminal: true, env: {} }, true],
  [{ isTerminal: false, env: {} }, false],
  [{ isTerminal: true, env: { NO_COLOR: '1' } }, false],
  [{ isTerminal: true, env: { TERM: 'dumb' } }, false],
])('colours: %o', (io, isColored) => {
  expect(diffText(diff, colorsFor(io)).includes('\u001b[')).toBe(isColored)
})
