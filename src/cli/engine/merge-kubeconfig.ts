import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'

type Named = { readonly name: string }

interface Config {
  readonly clusters?: readonly Named[] | null
  readonly users?: readonly Named[] | null
  readonly contexts?: readonly Named[] | null
  readonly [key: string]: unknown
}

function merged(
  into: readonly Named[] | null | undefined,
  from: readonly Named[],
): readonly Named[] {
  const others = (into ?? []).filter(({ name }) => !from.some((one) => one.name === name))
  return [...others, ...from]
}

/**
 * Adds cluster, user and context of the engine to ~/.kube/config and makes the context the current
 * one.
 */
export async function mergeKubeconfig(io: Pick<CliIo, 'env'>, kubeconfig: string): Promise<void> {
  const target = join(io.env.HOME ?? homedir(), '.kube', 'config')
  const own = parse(await readFile(kubeconfig, 'utf8')) as Config
  const text = await readFile(target, 'utf8').catch(() => '')
  let there: Config
  try {
    there = (parse(text) ?? { apiVersion: 'v1', kind: 'Config' }) as Config
  } catch (error) {
    throw new CliError(`${target} cannot be read: ${(error as Error).message}`, {
      hint: 'mend it, or leave --merge-kubeconfig out',
    })
  }
  const config: Config = {
    ...there,
    clusters: merged(there.clusters, own.clusters ?? []),
    users: merged(there.users, own.users ?? []),
    contexts: merged(there.contexts, own.contexts ?? []),
    'current-context': own['current-context'],
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await writeFile(target, stringify(config), { mode: 0o600 })
}
