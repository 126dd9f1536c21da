import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** `npm run bench` with next to no time: that it runs, not how fast. */
test('the benchmark of the proxy measures every pair, and says which peer is not installed', async () => {
  const args = ['--import', 'tsx', 'tools/bench/proxy-throughput.ts', '1', '100']
  const { stdout } = await run(process.execPath, args)
  const { rounds, results } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(rounds).toBe(1)
  expect(results).toHaveLength(10)
  for (const { peer, proxyPerSecond, perSecondRatio, p99Ratio } of results) {
    expect(proxyPerSecond.median).toBeGreaterThan(0)
    if (peer.endsWith(': not installed')) expect(peer).toMatch(/haproxy|nginx/)
    else expect([perSecondRatio.median > 0, p99Ratio.median > 0]).toEqual([true, true])
  }
})
