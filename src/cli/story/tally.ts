/** How one request ended, as the client that sent it saw it. */
export interface Answer {
  /** What the program calls itself; undefined when no program answered. */
  readonly version?: string | undefined
  readonly status?: number | undefined
  /** Why there is no answer. */
  readonly error?: string | undefined
}

export interface VersionTally {
  readonly answered: number
  /** Of these with 500. */
  readonly failed: number
}

export interface Tally {
  readonly byVersion: Readonly<Record<string, VersionTally>>
  readonly requests: number
  /** Requests that failed and should not have: their number, and what the first of them were. */
  readonly dropped: number
  readonly examples: readonly string[]
}

const examplesMax = 5
const none: VersionTally = { answered: 0, failed: 0 }

export const emptyTally: Tally = { byVersion: {}, requests: 0, dropped: 0, examples: [] }

/** `isFaulty`: whether a version is known to answer with 500 itself. */
export function withAnswer(
  tally: Tally,
  answer: Answer,
  isFaulty: (version: string) => boolean,
): Tally {
  const { version, status } = answer
  const requests = tally.requests + 1
  const isOwnFailure = status === 500 && version !== undefined && isFaulty(version)
  if (version === undefined || (status !== 200 && !isOwnFailure)) {
    const examples = [...tally.examples, describe(answer)].slice(0, examplesMax)
    return { ...tally, requests, dropped: tally.dropped + 1, examples }
  }
  const { answered, failed } = tally.byVersion[version] ?? none
  const next = { answered: answered + 1, failed: failed + (isOwnFailure ? 1 : 0) }
  return { ...tally, requests, byVersion: { ...tally.byVersion, [version]: next } }
}

function describe({ version, status, error }: Answer): string {
  if (status === undefined) return error ?? 'no answer'
  return `${status} from ${version === undefined ? 'the proxy' : `version ${version}`}`
}

/** What has been added since `before`. */
export function tallySince(before: Tally, after: Tally): Tally {
  const byVersion: Record<string, VersionTally> = {}
  for (const [version, { answered, failed }] of Object.entries(after.byVersion)) {
    const earlier = before.byVersion[version] ?? none
    const added = { answered: answered - earlier.answered, failed: failed - earlier.failed }
    if (added.answered > 0) byVersion[version] = added
  }
  return {
    byVersion,
    requests: after.requests - before.requests,
    dropped: after.dropped - before.dropped,
    examples: after.examples.slice(before.examples.length),
  }
}

/** A line for each version and one for what no program answered as it should. */
export function tallyLines(tally: Tally): readonly string[] {
  const versions = Object.entries(tally.byVersion).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...versions.map(
      ([version, { answered, failed }]) =>
        `version ${version}: ${answered} requests, ${failed} answered with 500`,
    ),
    `${tally.requests} requests in all, ${tally.dropped} dropped`,
    ...tally.examples.map((example) => `dropped: ${example}`),
  ]
}
