import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { kubectlCommand } from '../kubectl-command.ts'
import {
  allNamespacesFlag,
  fieldSelectorFlag,
  filenameFlags,
  managedFieldsFlag,
  outputFlag,
  selectorFlag,
} from './flag-specs.ts'

export function getCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'get',
    usage: '(TYPE[.VERSION][.GROUP] [NAME | -l LABEL] | TYPE/NAME ...)',
    summary: 'show one or many objects',
    flags: [
      ...filenameFlags,
      selectorFlag,
      fieldSelectorFlag,
      allNamespacesFlag,
      { ...outputFlag, help: `wide, ${outputFlag.help}` },
      managedFieldsFlag,
      { name: 'watch', short: 'w', kind: 'boolean', help: 'go on showing changes' },
      { name: 'watch-only', kind: 'boolean', help: 'show changes only, not what is there now' },
      { name: 'no-headers', kind: 'boolean', help: 'leave the headings out' },
      { name: 'show-labels', kind: 'boolean', help: 'add a column with all labels' },
      { name: 'show-kind', kind: 'boolean', help: 'show names with their kind' },
      { name: 'label-columns', short: 'L', kind: 'list', help: 'labels that become columns' },
      { name: 'ignore-not-found', kind: 'boolean', help: 'a missing object is no error' },
    ],
    load: async () => (await import('../get/get.ts')).get,
  })
}
