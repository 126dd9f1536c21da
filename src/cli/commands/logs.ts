import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { kubectlCommand } from '../kubectl-command.ts'
import { selectorFlag } from './flag-specs.ts'

export function logsCommand(io: CliIo): Command {
  return kubectlCommand(io, {
    name: 'logs',
    usage: '[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
    summary: 'print the log of a container',
    flags: [
      selectorFlag,
      { name: 'follow', short: 'f', kind: 'boolean', help: 'go on as it grows' },
      { name: 'previous', short: 'p', kind: 'boolean', help: 'of the container before a restart' },
      { name: 'container', short: 'c', kind: 'text', help: 'the container' },
      { name: 'all-containers', kind: 'boolean', help: 'of every container of the pod' },
      { name: 'prefix', kind: 'boolean', help: 'begin each line with the pod and container' },
      {
        name: 'tail',
        kind: 'integer',
        fallback: '-1',
        help: 'only that many last lines; -1: all (10 with a selector)',
      },
      { name: 'since', kind: 'duration', help: 'only what is younger, such as 5m' },
      { name: 'since-time', kind: 'text', help: 'only what came after this RFC 3339 time' },
      { name: 'timestamps', kind: 'boolean', help: 'begin each line with its time' },
      { name: 'limit-bytes', kind: 'integer', help: 'at most that many bytes' },
      {
        name: 'max-log-requests',
        kind: 'integer',
        fallback: '5',
        help: 'how many logs may be followed at once',
      },
      {
        name: 'pod-running-timeout',
        kind: 'duration',
        fallback: '20s',
        help: 'how long to wait for a pod of TYPE/NAME',
      },
    ],
    load: async () => (await import('../logs/logs.ts')).logs,
  })
}
