/**
 * `$(NAME)` becomes the variable's value, `$$` a dollar; an unknown name stays as it is written
 * (the rule of container command, args and env).
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(\$|\(([^()]*)\))/g,
    (whole, escaped: string, name: string | undefined) => {
      if (escaped === '$') return '$'
      return values.get(name ?? '') ?? whole
    },
  )
}
