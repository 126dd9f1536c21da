import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'

/** Of our own commands. */
export const usageExitCode = 2

/** A wrong use of one of our own commands; nothing was touched. */
export function wrongUse({ path }: Pick<Invocation, 'path'>, message: string): CliError {
  const hint = `See '${path} --help' for usage.`
  return new CliError(message, { code: usageExitCode, hint })
}

export type OutputForm = 'table' | 'wide' | 'json' | 'yaml'

/** `-o`; `forms`: those that the command has besides none. */
export function outputForm(invocation: Invocation, forms: readonly OutputForm[]): OutputForm {
  const given = invocation.flags.text('output')
  if (given === '') return 'table'
  const form = forms.find((each) => each === given)
  if (form) return form
  throw wrongUse(invocation, `-o ${given} is none of ${forms.join(', ')}`)
}
