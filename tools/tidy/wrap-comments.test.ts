import { expect, it } from 'vitest'
import { wrapComments } from './wrap-comments.ts'

const words = (count: number) => Array(count).fill('word').join(' ')

it('reflows a comment that is too wide, by paragraphs', () => {
  const text = `  /** ${words(25)} */\n  x()\n`
  expect(wrapComments(text)).toBe(`  /**\n   * ${words(19)}\n   * ${words(6)}\n   */\n  x()\n`)
  const two = `/**\n * ${words(25)}\n *\n * - one\n * - two\n */\n`
  expect(wrapComments(two)).toBe(
    `/**\n * ${words(19)}\n * ${words(6)}\n *\n * - one\n * - two\n */\n`,
  )
})

it('reflows line comments, and leaves what fits and what is no comment', () => {
  expect(wrapComments(`// ${words(21)}\n`)).toBe(`// ${words(19)}\n// ${words(2)}\n`)
  const fits = `/** ${words(10)} */\nconst text = \`${words(30)}\`\n`
  expect(wrapComments(fits)).toBe(fits)
})
