import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { kubectlCommand } from '../kubectl-command.ts'
import {
  allFlag,
  dryRunFlag,
  filenameFlags,
  managedFieldsFlag,
  outputFlag,
  recordFlag,
  selectorFlag,
  timeoutFlag,
} from './flag-specs.ts'

export function scaleCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'scale',
    usage: '[--current-replicas=COUNT] --replicas=COUNT (-f FILENAME | TYPE NAME)',
    summary: 'set how many replicas there are',
    flags: [
      ...filenameFlags,
      selectorFlag,
      allFlag,
      dryRunFlag,
      outputFlag,
      managedFieldsFlag,
      recordFlag,
      { name: 'replicas', kind: 'integer', help: 'the number wanted' },
      {
        name: 'current-replicas',
        kind: 'integer',
        fallback: '-1',
        help: 'scale only if there are this many now',
      },
      { name: 'resource-version', kind: 'text', help: 'scale only this resourceVersion' },
      { ...timeoutFlag, help: 'wait this long for the replicas; 0: do not wait' },
    ],
    load: async () => (await import('../scale.ts')).scale,
  })
}
