import { isTokenByte, lineFeed, space } from './characters.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE']
const methodBytesMax = 24

/** `unknown`: more bytes will tell. */
export type Opening = 'http' | 'stream' | 'unknown'

/**
 * What a client speaks, by its first bytes: HTTP/1.x if its first line ends so; everything else is
 * an opaque stream, HTTP/2 with prior knowledge too.
 */
export function openingOf(bytes: Buffer): Opening {
  let at = 0
  while (at < bytes.length && isTokenByte[bytes[at] as number] === 1) at++
  const first = bytes[0] as number
  if (first < 65 || first > 90 || at > methodBytesMax) return 'stream'
  if (at === bytes.length) return 'unknown'
  if (bytes[at] !== space) return 'stream'
  const lineEnd = bytes.indexOf(lineFeed, at)
  if (lineEnd < 0) return 'unknown'
  const tail = bytes.toString('latin1', Math.max(lineEnd - 10, 0), lineEnd)
  return / HTTP\/1\.\d\r?$/.test(tail) ? 'http' : 'stream'
}

/** Whether an unknown opening begins with a known method: then its line is worth waiting for. */
export function looksLikeHttp(bytes: Buffer): boolean {
  const text = bytes.toString('latin1', 0, methodBytesMax)
  return methods.some((method) => text.startsWith(`${method} `))
}
