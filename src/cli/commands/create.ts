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

export function createCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'create',
    usage: '-f FILENAME',
    summary: 'create what manifests describe',
    flags: [
      ...filenameFlags,
      selectorFlag,
      dryRunFlag,
      outputFlag,
      managedFieldsFlag,
      recordFlag,
      validateFlag,
      fieldManagerFlag('kubectl-create'),
      { name: 'save-config', kind: 'boolean', help: 'prepare the objects for a later apply' },
    ],
    load: async () => (await import('../create.ts')).create,
  })
}
