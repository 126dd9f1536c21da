const quotedText = /\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g

/**
 * The texts of `Warning` headers, each `299 - "text"`, several joined by commas; header strings
 * carry UTF-8 bytes (H-21).
 */
export function warningsOf(header: string | readonly string[] | undefined): readonly string[] {
  const joined = typeof header === 'string' ? header : (header ?? []).join(', ')
  return Array.from(joined.matchAll(quotedText), ([, quoted = '']) =>
    Buffer.from(quoted.replace(/\\(.)/g, '$1'), 'latin1').toString('utf8'),
  )
}
