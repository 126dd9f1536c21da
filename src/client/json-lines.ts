import { type JsonValue, parseJson } from '../api/json.ts'

const newline = 0x0a

/**
 * The JSON values of a newline-delimited stream. Throws SyntaxError for a broken line, also an
 * unfinished last one.
 */
export async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<JsonValue> {
  /** Of the line that is not complete yet. */
  let parts: Buffer[] = []
  for await (const chunk of chunks) {
    let start = 0
    // Bytes, not text: a chunk may end within a character.
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString()
      parts = []
      start = end + 1
      if (line.trim() !== '') yield parseJson(line)
    }
    if (start < chunk.length) parts.push(chunk.subarray(start))
  }
  if (parts.length > 0) yield parseJson(Buffer.concat(parts).toString())
}
