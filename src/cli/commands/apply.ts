import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { kubectlCommand } from '../kubectl-command.ts'
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  managedFieldsFlag,
  outputFlag,
  recordFlag,
  selectorFlag,
  validateFlag,
} from './flag-specs.ts'

export function applyCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'apply',
    usage: '(-f FILENAME | -k DIRECTORY)',
    summary: 'make the cluster match manifests',
    flags: [
      ...filenameFlags,
      {
        name: 'kustomize',
        short: 'k',
        kind: 'text',
        help: 'a folder for kustomize, which kubectl on the PATH renders',
      },
      selectorFlag,
      dryRunFlag,
      outputFlag,
      managedFieldsFlag,
      recordFlag,
      validateFlag,
      fieldManagerFlag(''),
      { name: 'reason', kind: 'text', help: 'why: kept with where the manifests come from' },
      {
        name: 'require-clean',
        kind: 'boolean',
        help: 'refuse manifests that are not as a commit of their Git work tree has them',
      },
      { name: 'server-side', kind: 'boolean', help: 'let the server merge' },
      {
        name: 'force-conflicts',
        kind: 'boolean',
        help: 'with --server-side: take over fields that others own',
      },
    ],
    load: async () => (await import('../apply/apply.ts')).apply,
  })
}
