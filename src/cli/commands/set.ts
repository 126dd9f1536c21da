import { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { kubectlCommand } from '../kubectl-command.ts'
import {
  allFlag,
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  managedFieldsFlag,
  outputFlag,
  recordFlag,
  selectorFlag,
} from './flag-specs.ts'

export function setCommand(io: CliIo): Command {
  return new Command('set')
    .summary('change parts of an application')
    .enablePositionalOptions()
    .addCommand(setImageCommand(io))
}

function setImageCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'image',
    usage: '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ...',
    summary: 'update the image of a pod template',
    flags: [
      ...filenameFlags,
      selectorFlag,
      allFlag,
      dryRunFlag,
      outputFlag,
      managedFieldsFlag,
      recordFlag,
      fieldManagerFlag('kubectl-set'),
    ],
    load: async () => (await import('../set-image.ts')).setImage,
  })
}
