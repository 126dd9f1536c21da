import type { Drift, DriftKind } from '../../release/drift.ts'
import type { FieldWriter } from '../../release/field-owners.ts'
import type { Colors } from './colors.ts'
import { fieldsText } from './diff-text.ts'
import { owedText } from './owed-text.ts'

export interface DriftWords {
  /** `deployment/app`. */
  readonly who: string
  /** What live was compared with: `1f2e3d4c5b6a (origin/main)`. */
  readonly git: string
  readonly colors: Colors
}

/** How live and Git came apart, and every field of it: `-` in Git, `+` live. */
export function driftText(drift: Drift, { who, git, colors }: DriftWords): string {
  const { cause, objects } = drift
  if (cause.kind === 'none') return `${who} is as ${git} has it\n`
  const heading = colors.bold(`${who} is not as ${git} has it: ${causeText(cause)}`)
  const parts = objects.map(({ object, fields, writers }) => {
    const by = writers.map(writerText).join('')
    return `${colors.bold(object)}\n${by}${fieldsText(fields, colors)}`
  })
  return `${heading}\n${parts.join('')}`
}

/** By whom and when, of what: as the server says it. */
function writerText({ manager, at, fields }: FieldWriter): string {
  return `  by ${manager}${at ? ` at ${at}` : ''}: ${fields.join(', ')}\n`
}

export function causeText(cause: DriftKind): string {
  switch (cause.kind) {
    case 'none':
      return 'nothing differs'
    case 'git-ahead':
      return `Git is ahead, commit ${cause.liveCommit.slice(0, 12)} runs`
    case 'undone': {
      const to = cause.liveCommit ? `, to commit ${cause.liveCommit.slice(0, 12)}` : ''
      return `undone by raw kubectl${to}`
    }
    case 'edited': {
      const by = cause.by ? `, by ${cause.by}` : ''
      return `edited by hand${by}${cause.at ? ` at ${cause.at}` : ''}`
    }
    case 'interrupted': {
      const { verb, target, startedAt, after } = cause
      const where = after ? `after the step "${after}"` : 'before its first step'
      return `the ${verb} to ${target} of ${startedAt} is under way or was interrupted ${where}: \`astern ${verb === 'redo' ? 'redo' : 'rollback'}\` finishes it`
    }
    case 'git-owed':
      return owedText(cause.debt)
  }
}
