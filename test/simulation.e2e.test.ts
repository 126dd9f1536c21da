import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../build/sim/main.js', import.meta.url))

/**
 * Three hundred seeds of eight busy minutes each, after the full length of those that have
 * found something; `npm run sim` runs as many as one likes, of half an hour.
 */
test('300 seeds break no invariant', { timeout: 400_000 }, async () => {
  const range = ['--from', '600', '--seeds', '300']
  const options = [...range, '--minutes', '8', '--stop', '--quiet']
  const { code, output } = await run([program, ...options])
  expect(output).toContain('violations')
  expect(output.match(/^seeds +(\d+)/m)?.[1]).toMatch(/^3\d\d$/)
  expect({ code, output }).toMatchObject({ code: 0 })
})

function run(
  args: readonly string[],
): Promise<{ readonly code: unknown; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, output: `${stdout}${stderr}` }),
    )
  })
}
