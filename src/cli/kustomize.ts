import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { withTreeOf } from '../git/export-tree.ts'
import type { Render } from '../release/manifests/git-manifests.ts'
import { ManifestError } from '../release/manifests/parse-manifests.ts'
import { CliError } from './cli-error.ts'
import type { CliIo } from './io.ts'

/** Larger than any list of manifests that an API server takes. */
const outputBytesMax = 256 * 1024 * 1024

/**
 * What kustomize makes of a folder: by the kubectl that is on the PATH. Rejects with CliError where
 * there is none, and with ManifestError, in its own words, where it cannot.
 */
export function kustomize({ env }: Pick<CliIo, 'env'>, folder: string): Promise<string> {
  const options = { env: { ...env }, maxBuffer: outputBytesMax }
  return new Promise((resolve, reject) => {
    execFile('kubectl', ['kustomize', folder], options, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else if (error.code === 'ENOENT') reject(noKubectl(folder))
      else reject(new ManifestError(stderr.trim().replace(/^error: /, '') || error.message))
    })
  })
}

function noKubectl(folder: string): CliError {
  return new CliError(`${folder} is for kustomize, and there is no kubectl on the PATH to run it`, {
    hint: 'install kubectl, or render it elsewhere and apply with -f -',
  })
}

/** Renders folders as commits have them, each once. */
export function kustomizeRenderer(io: Pick<CliIo, 'env'>): Render {
  const rendered = new Map<string, Promise<string>>()
  return ({ repository, commit, folder }) => {
    const key = `${repository.root}\0${commit}\0${folder}`
    const known = rendered.get(key)
    if (known) return known
    const made = withTreeOf(repository, commit, (tree) => kustomize(io, join(tree, folder)))
    rendered.set(key, made)
    return made
  }
}
