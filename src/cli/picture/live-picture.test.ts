import { expect, test } from 'vitest'
import { LivePicture, type PictureIo, renderOptionsOf } from './live-picture.ts'
import { pictureOf } from './picture-of.ts'
import { firstPodStarts, lastPodLeaves } from './rollout.fixture.ts'

const [first, last] = [pictureOf(firstPodStarts()), pictureOf(lastPodLeaves())]

function given(io: Partial<PictureIo>) {
  const written: string[] = []
  const stdout = { write: (text: string | Uint8Array) => written.push(String(text)) }
  const live = new LivePicture({ stdout, isTerminal: true, columns: 80, env: {}, ...io })
  return { live, written, text: () => written.splice(0).join('') }
}

test('on a terminal a picture takes the place of the one before', () => {
  const { live, text } = given({})
  live.show(first)
  const height = text().split('\n').length - 1
  expect(height).toBe(10)
  live.show(last)
  expect(text()).toContain(`\u001b[${height}A\r`)
})

test('printed lines stay above the picture, and the cursor comes back at the end', () => {
  const { live, text } = given({})
  live.show(first)
  text()
  live.print('step 5')
  const redrawn = text()
  expect(redrawn.indexOf('\u001b[J')).toBeLessThan(redrawn.indexOf('step 5\n'))
  expect(redrawn.indexOf('deployment/app')).toBeGreaterThan(redrawn.indexOf('step 5\n'))
  live.close()
  expect(text()).toBe('\u001b[?25h')
  live.show(last)
  live.print('the end')
  expect(text()).toBe('the end\n')
})

test('a picture is never higher than the terminal', () => {
  const { live, text } = given({ rows: 5 })
  live.show(first)
  expect(text().split('\n')).toHaveLength(5)
})

test.each([{ isTerminal: false }, { env: { TERM: 'dumb' } }])('%o: changes, a line each', (io) => {
  const { live, text } = given(io)
  live.show(first)
  text()
  live.show(first)
  expect(text()).toBe('')
  live.show(last)
  const told = text()
  expect(told).not.toContain('\u001b')
  expect(told).toContain('  revision 1 (1.0.0): 3 -> 0 wanted\n')
})

test.each([
  [{ LANG: 'en_US.UTF-8' }, true, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false, true],
  [{ NO_COLOR: '1', LC_CTYPE: 'C.utf8' }, true, false],
  [{ TERM: 'dumb' }, false, false],
])('%o', (env, isUnicode, hasColor) => {
  const stdout = { write() {} }
  const options = renderOptionsOf({ stdout, isTerminal: true, columns: 80, env })
  expect(options).toEqual({ columns: 80, isUnicode, hasColor })
})
