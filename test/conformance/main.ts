import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemContext } from '../../src/base/context.ts'
import { bodies } from './all-bodies.ts'
import type { Body } from './body.ts'
import type { Place } from './place.ts'
import { openClusterPlace, openEmbeddedPlace } from './real-place.ts'

const usage = `usage: npm run conformance -- [--kubeconfig F] [--context C] [--parallel N] [WORDS...]

Runs upstream's tests of workloads, by their titles, against a cluster; prints a table, and exits with 1
if one failed. Without a cluster they run on engines of their own.

  --kubeconfig F   this file's cluster; in namespaces of the tests' own, which are deleted afterwards
  --context C      this context, of F or $KUBECONFIG
  --first I        an image that runs until it is stopped; default: a version of registry.k8s.io/pause
  --second I       another one
  --parallel N     so many at a time; default 4
  WORDS            only tests with one of these in their ids or titles
`

interface Result {
  readonly body: Body
  readonly outcome: 'passed' | 'failed' | 'not run'
  readonly seconds: number
  readonly reason: string
}

const { clock } = systemContext()

async function judge(place: Place, body: Body): Promise<Result> {
  const against = place.reasonAgainst(body)
  if (against !== undefined) return { body, outcome: 'not run', seconds: 0, reason: against }
  const beganMs = clock.monotonic()
  const seconds = () => (clock.monotonic() - beganMs) / 1000
  try {
    await place.run(body)
    return { body, outcome: 'passed', seconds: seconds(), reason: '' }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { body, outcome: 'failed', seconds: seconds(), reason }
  }
}

async function judgeAll(
  place: Place,
  chosen: readonly Body[],
  parallel: number,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const waiting = [...chosen]
  const work = async () => {
    for (let body = waiting.shift(); body; body = waiting.shift()) {
      const result = await judge(place, body)
      results.push(result)
      process.stderr.write(`${result.outcome.padEnd(8)} ${body.id} ${body.title}\n`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return chosen.flatMap((body) => results.find((result) => result.body === body) ?? [])
}

function report(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ body }) => body.title.length))
  const lines = results.map(({ body, outcome, seconds }) =>
    [body.id, body.title.padEnd(width), outcome.padEnd(7), seconds.toFixed(1).padStart(6)].join(
      '  ',
    ),
  )
  const head = ['ID  ', 'TEST'.padEnd(width), 'RESULT ', 'SECONDS'].join('  ')
  const reasons = results
    .filter(({ reason }) => reason !== '')
    .map(({ body, outcome, reason }) => `${outcome}: ${body.id} ${body.title}\n${reason}\n`)
  const count = (outcome: Result['outcome']) =>
    results.filter((result) => result.outcome === outcome).length
  const sum = `${count('passed')} passed, ${count('failed')} failed, ${count('not run')} not run`
  return `${[head, ...lines].join('\n')}\n\n${reasons.join('\n')}${sum}\n`
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      first: { type: 'string' },
      second: { type: 'string' },
      parallel: { type: 'string', default: '4' },
      help: { type: 'boolean' },
    },
  })
  return { ...values, words: positionals }
}

async function main(): Promise<number> {
  const { kubeconfig, context, first, second, parallel, help, words } = readArguments()
  if (help) {
    process.stdout.write(usage)
    return 0
  }
  const chosen = bodies.filter(
    ({ id, title }) => words.length === 0 || words.some((word) => `${id} ${title}`.includes(word)),
  )
  const isGiven = kubeconfig !== undefined || context !== undefined
  const images = { ...(first && { first }), ...(second && { second }) }
  const given = {
    images,
    ...(kubeconfig !== undefined && { kubeconfig: resolve(kubeconfig) }),
    ...(context !== undefined && { context }),
  }
  const place = isGiven ? await openClusterPlace(given) : await openEmbeddedPlace()
  try {
    const results = await judgeAll(place, chosen, Math.max(1, Number(parallel)))
    process.stdout.write(report(results))
    const isWell = results.length > 0 && results.every(({ outcome }) => outcome !== 'failed')
    return isWell ? 0 : 1
  } finally {
    await place.close()
  }
}

process.exitCode = await main()
