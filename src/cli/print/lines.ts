/** Lines of a description; `tree` puts those of a part below it. */
export type Lines = readonly string[]

/** `  Labels:\tapp=x`, further values on lines of their own; `<none>` for none. */
export function titled(title: string, values: Lines): Lines {
  const [first = '<none>', ...others] = values
  return [`${title}:\t${first}`, ...others.map((value) => `\t${value}`)]
}

export function mapValues(map: Readonly<Record<string, string>> | undefined): Lines {
  return Object.keys(map ?? {})
    .sort()
    .map((name) => `${name}=${map?.[name]}`)
}
