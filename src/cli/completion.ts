import type { Command } from 'commander'

/**
 * A script that completes the program's commands and flags in a shell; undefined for a shell that
 * is not known. It is made from the commands themselves and asks nothing when it runs.
 */
export function completionScript(root: Command, shell: string): string | undefined {
  const program = root.name()
  const entries = entriesOf(root, [])
  if (shell === 'bash') return bashScript(program, entries)
  if (shell === 'zsh') {
    return `#compdef ${program}\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(program, entries)}`
  }
  if (shell === 'fish') return fishScript(program, entries)
  return undefined
}

/** A command with what may follow it. */
interface Entry {
  /** The words after the program's name, '' for the program itself. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly summary: string }[]
  readonly flags: readonly { readonly name: string; readonly help: string }[]
}

function entriesOf(command: Command, words: readonly string[]): readonly Entry[] {
  const commands = command.commands.map((child) => ({
    name: child.name(),
    summary: child.summary() || child.description(),
  }))
  const flags = command.options.flatMap(({ long, description, hidden }) =>
    long && !hidden ? [{ name: long, help: description }] : [],
  )
  const entry = { path: words.join(' '), commands, flags }
  const below = command.commands.flatMap((child) => entriesOf(child, [...words, child.name()]))
  return [entry, ...below]
}

function bashScript(program: string, entries: readonly Entry[]): string {
  const identifier = program.replace(/\W/g, '_')
  const cases = entries.map(({ path, commands, flags }) => {
    const words = [...commands, ...flags].map(({ name }) => name).join(' ')
    return `    '${path}') words='${words}' ;;`
  })
  const paths = entries.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `_${identifier}_complete() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${paths.join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${identifier}_complete ${program}
`
}

function fishScript(program: string, entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, commands, flags }) => {
    const words = path.split(' ').filter((word) => word !== '')
    const among = commands.map(({ name }) => name).join(' ')
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`)
    const notBelow = among === '' ? [] : [`not __fish_seen_subcommand_from ${among}`]
    const condition = quoted([...seen, ...notBelow].join('; and ') || 'true')
    return [
      ...commands.map(
        ({ name, summary }) =>
          `complete -c ${program} -f -n ${condition} -a ${name} -d ${quoted(summary)}`,
      ),
      ...flags.map(
        ({ name, help }) =>
          `complete -c ${program} -n ${condition} -l ${name.slice(2)} -d ${quoted(help)}`,
      ),
    ]
  })
  return `${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
