import { required } from '../../base/assert.ts'
import { requestsMin } from './rolling.ts'
import type { Stage } from './stage.ts'
import { tallySince } from './tally.ts'

const failuresShareMin = 0.1

/** A revision by what the client got from its version. */
interface Served {
  readonly revision: string
  readonly version: string
  readonly answered: number
  readonly failed: number
}

/** Resolves with the revision that fails a share of its requests: readiness did not show it. */
export async function noticeRegression(stage: Stage): Promise<Served> {
  const before = stage.load.tally
  const served = () => {
    const { byVersion } = tallySince(before, stage.load.tally)
    const rows = stage.picture?.replicaSets ?? []
    return rows.flatMap(({ revision, version }) => {
      const tally = byVersion[version]
      return tally ? [{ revision, version, ...tally }] : []
    })
  }
  let found: Served | undefined
  await stage.until('a revision fails a share of its requests', () => {
    found = served().find(isFailing)
    return found !== undefined
  })
  stage.say(...served().map(shareText))
  return required(found, 'the revision that was waited for')
}

function isFailing({ answered, failed }: Served): boolean {
  return answered >= requestsMin && failed / answered >= failuresShareMin
}

function shareText({ revision, version, answered, failed }: Served): string {
  const share = Math.round((100 * failed) / answered)
  return `revision ${revision} (${version}): ${failed} of ${answered} requests failed (${share} %)`
}

export function isRevision(wanted: string) {
  return ({ revision }: Served): readonly string[] =>
    revision === wanted ? [] : [`revision ${revision} fails, it should be revision ${wanted}`]
}
