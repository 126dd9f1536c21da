import { expect, test } from 'vitest'
import type { TerminalSize } from '../../../../api/seams.ts'
import { TerminalSizes } from './terminal-size.ts'

test('the size that is asked for last is set last, however long each takes', async () => {
  const done: TerminalSize[] = []
  const waiting: (() => void)[] = []
  const sizes = new TerminalSizes(async (size) => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    done.push(size)
  })
  const size = (columns: number) => ({ columns, rows: 24 })
  for (const columns of [81, 100, 80]) sizes.ask(size(columns))
  expect(waiting).toHaveLength(1)
  waiting.shift()?.()
  await expect.poll(() => waiting.length).toBe(1)
  waiting.shift()?.()
  await expect.poll(() => done).toEqual([size(81), size(80)])
  sizes.ask(size(90))
  await expect.poll(() => waiting.length).toBe(1)
  waiting.shift()?.()
  await expect.poll(() => done.at(-1)).toEqual(size(90))
})
