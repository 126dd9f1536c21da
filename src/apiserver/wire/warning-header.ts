/**
 * Characters over all warnings of one answer; more than that may be refused as a header by a
 * client.
 */
const lengthMax = 4096
const truncatedLength = 256

/**
 * `299 - "text"`: the text quoted, control characters as spaces, UTF-8 bytes as Node's header
 * strings carry them (H-21).
 */
function warningHeader(text: string): string {
  const oneLine = text.replace(/\p{Cc}+/gu, ' ').trim()
  const quoted = oneLine.replace(/[\\"]/g, '\\$&')
  return `299 - "${Buffer.from(quoted, 'utf8').toString('latin1')}"`
}

/**
 * Values for `Warning` headers: each text once; all cut to 256 characters when they would be too
 * long together.
 */
export function warningHeaders(texts: readonly string[]): readonly string[] {
  const unique = [...new Set(texts)].filter((text) => text.trim() !== '')
  const length = unique.reduce((sum, text) => sum + text.length, 0)
  if (length <= lengthMax) return unique.map(warningHeader)
  const headers: string[] = []
  for (const text of unique) {
    if ((headers.length + 1) * truncatedLength > lengthMax) break
    headers.push(warningHeader([...text].slice(0, truncatedLength).join('')))
  }
  return headers
}
