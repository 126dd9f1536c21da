import type { Command } from 'commander'
import { allNamespacesFlag, timeoutFlag } from './commands/flag-specs.ts'
import type { FlagSpec } from './flags.ts'
import type { CliIo } from './io.ts'
import { type CommandDefinition, kubectlCommand } from './kubectl-command.ts'

const usage = 'KIND/NAME'

const pathFlag: FlagSpec = {
  name: 'filename',
  short: 'f',
  kind: 'text',
  help: 'the file or folder of the app in its Git work tree; default: where it was applied from',
}

const kustomizeFlag: FlagSpec = {
  name: 'kustomize',
  short: 'k',
  kind: 'text',
  help: "the app's folder for kustomize; with -f, what is restored is that",
}

const outputFlag = (forms: string): FlagSpec => ({
  name: 'output',
  short: 'o',
  kind: 'text',
  help: forms,
})

const history: CommandDefinition = {
  name: 'history',
  usage,
  summary: 'show what ran, how it went, who did it and why',
  flags: [pathFlag, kustomizeFlag, outputFlag('wide, json, yaml')],
  load: async () => (await import('./release/history.ts')).history,
}

const diff: CommandDefinition = {
  name: 'diff',
  usage: `${usage} [FROM [TO]]`,
  summary: 'compare two releases, commits, `git` or `live`: template and configuration',
  flags: [pathFlag, kustomizeFlag, outputFlag('json, yaml')],
  load: async () => (await import('./release/diff.ts')).diff,
}

const yesFlag: FlagSpec = {
  name: 'yes',
  short: 'y',
  kind: 'boolean',
  help: 'change a cluster other than the embedded engine without asking',
}

const record: CommandDefinition = {
  name: 'record',
  usage: `[${usage}]`,
  summary: 'keep release records beside any cluster, until Ctrl-C; of one workload: once',
  flags: [allNamespacesFlag, yesFlag],
  load: async () => (await import('./release/record.ts')).record,
}

const gitFlags: readonly FlagSpec[] = [
  { name: 'push', kind: 'boolean', help: 'push the commit onto the deploy branch' },
  { name: 'branch', kind: 'text', help: 'push the commit onto this branch: owed until merged' },
  { name: 'patch', kind: 'text', help: 'write the commit to this file, - for stdout: owed' },
]

const reasonFlag: FlagSpec = {
  name: 'reason',
  kind: 'text',
  help: 'why: kept in the commit and in the history',
}

const guardFlags: readonly FlagSpec[] = [
  { name: 'shared', kind: 'boolean', help: 'change ConfigMaps that other workloads read, too' },
  { name: 'resume', kind: 'boolean', help: 'resume a paused Deployment in the same write' },
]

const drift: CommandDefinition = {
  name: 'drift',
  usage,
  summary: 'compare what runs with Git; exit code 0, 5 (Git is owed) or 6',
  flags: [
    pathFlag,
    kustomizeFlag,
    outputFlag('json, yaml'),
    { name: 'ref', kind: 'text', help: 'the commit to compare with; default: the deploy branch' },
    { name: 'adopt', kind: 'boolean', help: 'write the template that runs to Git' },
    ...gitFlags,
    { name: 'restore', kind: 'boolean', help: 'give the cluster what Git has' },
    reasonFlag,
    ...guardFlags,
    yesFlag,
  ],
  load: async () => (await import('./release/drift.ts')).drift,
}

const movingFlags: readonly FlagSpec[] = [
  pathFlag,
  kustomizeFlag,
  ...gitFlags,
  outputFlag('json, yaml'),
  reasonFlag,
  {
    name: 'cluster-first',
    kind: 'boolean',
    help: 'emergency: the cluster now, Git is owed (exit code 5)',
  },
  ...guardFlags,
  { ...timeoutFlag, help: 'how long to watch for a verdict; default 10m' },
  yesFlag,
]

const rollback: CommandDefinition = {
  name: 'rollback',
  usage,
  summary: 'go back: Git, configuration and template in one transaction',
  flags: [
    { name: 'to', kind: 'text', help: 'r7, a commit, a tag or a time; default: the last healthy' },
    { name: 'to-revision', kind: 'integer', help: "Kubernetes' own revision number" },
    ...movingFlags,
  ],
  load: async () => (await import('./release/rollback.ts')).rollback,
}

const redo: CommandDefinition = {
  name: 'redo',
  usage,
  summary: 'go forward again to what the last rollback left',
  flags: movingFlags,
  load: async () => (await import('./release/rollback.ts')).redo,
}

const definitions: readonly CommandDefinition[] = [history, diff, drift, record, rollback, redo]

/** The names of Astern's own commands about releases: a wrong use of them ends with 2. */
export const releaseCommandNames: ReadonlySet<string> = new Set(definitions.map(({ name }) => name))

/** Adds Astern's own commands about releases; what does the work is loaded when a command runs. */
export function registerReleaseCommands(program: Command, io: CliIo): void {
  for (const definition of definitions) {
    program.addCommand(kubectlCommand(io, { ...definition, usageExitCode: 2 }))
  }
}
