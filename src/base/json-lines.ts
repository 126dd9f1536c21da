/**
 * Cuts a stream of text into the JSON values of its lines. Only for what Astern's own processes
 * say to each other: a broken line throws.
 */
export function jsonLines<T>(onValue: (value: T) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') onValue(JSON.parse(line) as T)
  }
}
