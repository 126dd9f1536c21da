import { Command } from 'commander'
import type { FlagSpec } from '../flags.ts'
import type { CliIo } from '../io.ts'
import { type CommandDefinition, kubectlCommand } from '../kubectl-command.ts'
import type { RolloutPicture } from '../rollout/picture.ts'
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  managedFieldsFlag,
  outputFlag,
  selectorFlag,
  timeoutFlag,
} from './flag-specs.ts'

const usage = '(TYPE NAME | TYPE/NAME)'
const which: readonly FlagSpec[] = [...filenameFlags, selectorFlag]
const printed: readonly FlagSpec[] = [outputFlag, managedFieldsFlag]
const manager = fieldManagerFlag('kubectl-rollout')

const definitions: readonly CommandDefinition[] = [
  {
    name: 'history',
    usage,
    summary: 'show the revisions of a rollout',
    flags: [
      ...which,
      ...printed,
      { name: 'revision', kind: 'integer', fallback: '0', help: 'show this one in detail' },
    ],
    load: async () => (await import('../rollout/history.ts')).rolloutHistory,
  },
  {
    name: 'pause',
    usage,
    summary: 'let changes wait',
    flags: [...which, ...printed, manager],
    load: async () => (await import('../rollout/pause.ts')).rolloutPause,
  },
  {
    name: 'resume',
    usage,
    summary: 'let what waits go on',
    flags: [...which, ...printed, manager],
    load: async () => (await import('../rollout/pause.ts')).rolloutResume,
  },
  {
    name: 'restart',
    usage,
    summary: 'replace every pod by a new one',
    flags: [...which, ...printed, manager],
    load: async () => (await import('../rollout/restart.ts')).rolloutRestart,
  },
  {
    name: 'undo',
    usage,
    summary: 'go back to an earlier revision',
    flags: [
      ...which,
      ...printed,
      dryRunFlag,
      {
        name: 'to-revision',
        kind: 'integer',
        fallback: '0',
        help: 'the revision to go back to; 0: the one before',
      },
    ],
    load: async () => (await import('../rollout/undo.ts')).rolloutUndo,
  },
]

function statusCommand(io: CliIo, picture: RolloutPicture | undefined): Command {
  return kubectlCommand(io, {
    name: 'status',
    usage,
    summary: 'follow a rollout to its end',
    flags: [
      ...which,
      timeoutFlag,
      {
        name: 'watch',
        short: 'w',
        kind: 'boolean',
        fallback: 'true',
        help: 'wait for the end; =false: tell how it stands',
      },
      { name: 'revision', kind: 'integer', fallback: '0', help: 'fail unless this one runs' },
    ],
    load: async () => {
      const { rolloutStatus } = await import('../rollout/status.ts')
      return (invocation) => rolloutStatus(invocation, picture)
    },
  })
}

/** `picture` draws a rollout on a terminal instead of `status` printing lines. */
export function rolloutCommand(io: CliIo, picture?: RolloutPicture): Command {
  const command = new Command('rollout')
    .summary('look at and steer rollouts')
    .description('Look at and steer rollouts of deployments, daemonsets and statefulsets.')
    .enablePositionalOptions()
  for (const definition of definitions) command.addCommand(kubectlCommand(io, definition))
  return command.addCommand(statusCommand(io, picture))
}
