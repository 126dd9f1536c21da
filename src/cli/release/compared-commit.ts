import { resolveCommit } from '../../git/commit-facts.ts'
import { isGitError } from '../../git/git-error.ts'
import { ReleaseError } from '../../release/release-error.ts'
import { newestHead } from '../../release/rollback/git-step.ts'
import type { FoundApp } from './app-paths.ts'
import { knownProvenance, type ReleaseSession } from './release-session.ts'
import { workloadText } from './workload-operand.ts'

/** What live is compared with. */
export interface ComparedCommit {
  readonly commit: string
  /** `origin/main`, or what `--ref` said. */
  readonly name: string
  /** It is the newest head of the deploy branch: what Git has is what everybody has. */
  readonly isDeployed: boolean
}

/** The newest head of the deploy branch, or what `--ref` names. Rejects with GitError. */
export async function comparedCommit(
  { app: { repository }, deploy }: FoundApp,
  ref: string,
): Promise<ComparedCommit> {
  const head = ref === '' || deploy ? await headOrUnknown({ repository, deploy, ref }) : undefined
  if (ref === '' && head !== undefined) {
    const name = deploy ? `${deploy.remote}/${deploy.branch}` : 'HEAD'
    return { commit: head, name, isDeployed: true }
  }
  const commit = await resolveCommit(repository, ref, head)
  return { commit, name: ref, isDeployed: commit === head }
}

/** Undefined: the remote cannot be asked, and `--ref` says what to compare with. */
async function headOrUnknown({
  repository,
  deploy,
  ref,
}: Pick<FoundApp['app'], 'repository'> & Pick<FoundApp, 'deploy'> & { readonly ref: string }) {
  try {
    return await newestHead(repository, deploy)
  } catch (error) {
    if (!isGitError(error, 'no-remote')) throw error
    if (ref !== '') return undefined
    const hint = `--ref ${deploy?.remote}/${deploy?.branch} compares with what this clone knows`
    throw new ReleaseError(error.message, hint)
  }
}

/** Where the workload is written. Rejects with ReleaseError where that is not known. */
export function neededApp({ found, workload, observed }: ReleaseSession): FoundApp {
  if (found) return found
  const from = knownProvenance(observed)?.repository
  const where = from ? `the work tree of ${from}` : 'the work tree of its repository'
  const hint = `run it in ${where}, or name the app's file or folder there with -f`
  throw new ReleaseError(`no Git repository here has ${workloadText(workload)}`, hint)
}
