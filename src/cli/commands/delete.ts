import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { kubectlCommand } from '../kubectl-command.ts'
import {
  allFlag,
  allNamespacesFlag,
  dryRunFlag,
  fieldSelectorFlag,
  filenameFlags,
  outputFlag,
  selectorFlag,
  timeoutFlag,
} from './flag-specs.ts'

export function deleteCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'delete',
    usage: '([-f FILENAME] | TYPE [(NAME | -l LABEL | --all)])',
    summary: 'delete objects',
    flags: [
      ...filenameFlags,
      selectorFlag,
      fieldSelectorFlag,
      allFlag,
      allNamespacesFlag,
      dryRunFlag,
      { ...outputFlag, help: 'name' },
      {
        name: 'cascade',
        kind: 'text',
        alone: 'background',
        fallback: 'background',
        help: 'what happens to dependents: background, foreground or orphan',
      },
      {
        name: 'grace-period',
        kind: 'integer',
        fallback: '-1',
        help: 'seconds given to end; negative: what the object says',
      },
      { name: 'now', kind: 'boolean', help: 'a grace period of one second' },
      { name: 'force', kind: 'boolean', help: 'do not wait for the node to confirm' },
      { name: 'ignore-not-found', kind: 'boolean', help: 'a missing object is no error' },
      { name: 'wait', kind: 'boolean', fallback: 'true', help: 'return when the objects are gone' },
      timeoutFlag,
    ],
    load: async () => (await import('../delete/delete.ts')).deleteObjects,
  })
}
