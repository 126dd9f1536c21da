import { execFileSync } from 'node:child_process'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { completionScript } from './completion.ts'

function program(): Command {
  const rollout = new Command('rollout').summary('look at rollouts')
  rollout.addCommand(new Command('undo').summary("go 'back'").option('--to-revision <n>', 'which'))
  rollout.addCommand(new Command('status').summary('follow'))
  return new Command('astern').option('--context <x>', 'context').addCommand(rollout)
}

/** What bash offers for a line, the last word being completed. */
function offered(line: string): readonly string[] {
  const words = line.split(' ').map((word) => `'${word}'`)
  const script = `${completionScript(program(), 'bash')}
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}
_astern_complete; echo "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ')
}

describe('completion', () => {
  it.each([
    ['astern r', ['rollout']],
    ['astern ', ['rollout', '--context']],
    ['astern rollout ', ['undo', 'status']],
    ['astern rollout u', ['undo']],
    ['astern rollout undo --t', ['--to-revision']],
    ['astern rollout undo deploy/app --to', ['--to-revision']],
  ])('bash: %j', (line, expected) => {
    expect(offered(line)).toEqual(expected)
  })

  it('zsh goes through bash completion; fish has one line for each word', () => {
    expect(completionScript(program(), 'zsh')).toMatch(/^#compdef astern\n/)
    expect(completionScript(program(), 'fish')).toContain(
      `-n '__fish_seen_subcommand_from rollout; and not __fish_seen_subcommand_from undo status' -a undo -d 'go \\'back\\''`,
    )
    expect(completionScript(program(), 'tcsh')).toBeUndefined()
  })
})
