import { isTest, type SourceFile } from './source-tree.ts'

/**
 * Time, chance and identity are inputs (`base/context.ts`); what to use instead stands beside each.
 */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(/, 'context.clock.now()'],
  [/\bnew Date\(\)/, 'context.clock.now()'],
  [/\bperformance\.now\(/, 'context.clock.monotonic()'],
  [/(?<![.\w])set(?:Timeout|Interval)\(/, 'context.clock.setTimeout()'],
  [/\bMath\.random\(/, 'context.prng.next()'],
  [/\brandomUUID\(/, 'context.ids.uid()'],
  [/\bstructuredClone\(/, 'copy what changes; objects are frozen'],
  [/\bJSON\.parse\(JSON\.stringify\(/, 'copy what changes; objects are frozen'],
]

/**
 * The edges, which may touch the world's own clock and chance; `src/proxy/process` is a process of
 * its own.
 */
const edges = ['src/base/', 'src/node/runtimes/', 'src/cli/', 'src/ui/', 'src/proxy/process/']

export function ambientFaults(file: SourceFile): string[] {
  if (!file.path.startsWith('src/') || isTest(file.path)) return []
  if (edges.some((edge) => file.path.startsWith(edge))) return []
  return file.code.split('\n').flatMap((text, index) =>
    banned
      .filter(([pattern]) => pattern.test(text))
      .map(([pattern, instead]) => {
        const name = pattern.exec(text)?.[0] ?? ''
        return `${file.path}:${index + 1}: ${name}…) is ambient: use ${instead}`
      }),
  )
}
