import { describe, expect, it } from 'vitest'
import { ambientFaults } from './ambient.ts'
import { budgetFaults, nameFaults } from './budgets.ts'
import { documentFaults } from './documents.ts'
import { folderOf, mayImport } from './layers.ts'
import { parseSource } from './source-tree.ts'
import { cycleFaults, deadFileFaults, layerFaults } from './structure.ts'

const source = (path: string, text: string) => parseSource(path, text)

describe('layers', () => {
  it.each([
    ['apiserver', 'store', true],
    ['apiserver', 'client', false],
    ['store', 'apiserver', false],
    ['controllers/deployment', 'controllers/replicaset', false],
    ['controllers/deployment', 'controller', true],
    ['cluster', 'controllers/deployment', true],
  ])('%s -> %s: %s', (from, to, allowed) => expect(mayImport(from, to)).toBe(allowed))

  it('takes each controller as a folder of its own', () => {
    expect(folderOf('controllers/deployment/plan.ts')).toBe('controllers/deployment')
    expect(folderOf('elsewhere/x.ts')).toBeUndefined()
  })

  it('sees upward imports, type imports included', () => {
    const file = source('src/store/a.ts', "import type { B } from '../apiserver/b.ts'")
    expect(layerFaults([file])).toEqual([
      'src/store/a.ts: store must not import apiserver (src/apiserver/b.ts)',
    ])
  })
})

describe('structure', () => {
  const a = source('src/base/a.ts', "import type { B } from './b.ts'\nexport type A = B")
  const b = source('src/base/b.ts', "export * from './a.ts'\nexport type B = 1")

  it('finds cycles through types and re-exports', () => {
    expect(cycleFaults([a, b])).toEqual([
      'import cycle: src/base/a.ts -> src/base/b.ts -> src/base/a.ts',
    ])
  })

  it('finds files that no entry reaches', () => {
    const lone = source('src/base/lone.ts', 'export const x = 1')
    expect(deadFileFaults([a, b, lone], ['src/base/a.ts'])).toEqual([
      'src/base/lone.ts: nothing that is run imports it',
    ])
  })
})

describe('budgets', () => {
  it('counts lines, columns and positional parameters', () => {
    const body = 'x()\n'.repeat(70)
    const faults = budgetFaults(source('src/base/a.ts', `function long() {\n${body}}\n`))
    expect(faults).toEqual(['src/base/a.ts:1: function long has 72 lines, at most 70'])
    expect(budgetFaults(source('src/base/a.ts', `// ${'x'.repeat(100)}`))).toHaveLength(1)
    const many = source('src/base/a.ts', 'export const f = (a, b, c, d) => a')
    expect(budgetFaults(many)[0]).toContain('4 parameters')
    expect(budgetFaults(source('src/base/a.ts', 'const f = (a, b, c, options) => a'))).toEqual([])
  })

  it('refuses names that say nothing', () => {
    expect(nameFaults(source('src/base/utils.ts', ''))).toHaveLength(1)
    expect(nameFaults(source('src/base/workQueue.ts', ''))).toHaveLength(1)
    expect(nameFaults(source('src/base/work-queue.property.test.ts', ''))).toEqual([])
  })
})

describe('ambient inputs', () => {
  it('finds them in code, not in comments or strings', () => {
    const text = "// Date.now()\nconst a = 'Math.random()'\nconst b = Date.now()\n"
    expect(ambientFaults(source('src/store/a.ts', text))).toEqual([
      'src/store/a.ts:3: Date.now(…) is ambient: use context.clock.now()',
    ])
    expect(ambientFaults(source('src/base/system-clock.ts', text))).toEqual([])
    expect(ambientFaults(source('src/store/a.ts', 'clock.setTimeout(f, 1)'))).toEqual([])
    expect(ambientFaults(source('src/store/a.ts', 'setTimeout(f, 1)'))).toHaveLength(1)
  })
})

describe('documents', () => {
  it('finds named paths and links that do not exist', () => {
    const text = 'See `src/a.ts`, `src/gone.ts`, [x](b.md), [y](https://x.org), [z](gone.md).'
    const exists = (path: string) => path === 'src/a.ts' || path === 'docs/b.md'
    expect(documentFaults('docs/x.md', text, exists)).toEqual([
      'docs/x.md: names src/gone.ts, which does not exist',
      'docs/x.md: names gone.md, which does not exist',
    ])
  })
})
