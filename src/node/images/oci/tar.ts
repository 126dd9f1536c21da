/** One entry of a tar archive, its header read and its content still to come. */
export interface TarEntry {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'other'
  readonly linkPath: string
  /** Permission bits. */
  readonly mode: number
  readonly size: number
  /** Must be read before the next entry; what is left is skipped. */
  readonly content: AsyncIterable<Buffer>
}

const blockBytes = 512
/** Of names and other words about an entry; far above what any file system allows. */
const headerBytesMax = 1024 * 1024

const entryTypes: Readonly<Record<string, TarEntry['type']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
}

/** The archive is cut short or is none. */
export class TarError extends Error {
  override readonly name = 'TarError'
}

/** Reads ustar, pax and GNU archives; rejects with TarError. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncIterable<TarEntry> {
  const input = new ByteReader(source)
  let words: Readonly<Record<string, string>> = {}
  for (;;) {
    const header = await input.take(blockBytes)
    if (header.length === 0 || header.every((byte) => byte === 0)) return
    if (header.length < blockBytes) throw new TarError('the archive ends in the middle of a header')
    checkSum(header)
    const type = String.fromCharCode(header[156] ?? 0)
    const size = Number(words.size ?? octal(header, 124, 12))
    if ('xgLK'.includes(type)) {
      if (size > headerBytesMax) throw new TarError('a name in the archive is too long')
      const text = (await input.take(size)).toString('utf8')
      await input.skip(padding(size))
      words = { ...words, ...wordsOf(type, text) }
      continue
    }
    const body = new EntryBody(input, size)
    yield entryOf(header, { type, size, words, content: body.read() })
    await body.skipRest()
    await input.skip(padding(size))
    words = {}
  }
}

function entryOf(
  header: Buffer,
  known: {
    readonly type: string
    readonly size: number
    readonly words: Readonly<Record<string, string>>
    readonly content: AsyncIterable<Buffer>
  },
): TarEntry {
  const { type, size, words, content } = known
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(header, 345, 155) : ''
  const name = text(header, 0, 100)
  return {
    path: words.path ?? (prefix ? `${prefix}/${name}` : name),
    type: entryTypes[type] ?? 'other',
    linkPath: words.linkpath ?? text(header, 157, 100),
    mode: octal(header, 100, 8) & 0o7777,
    size,
    content,
  }
}

/**
 * pax records are `LENGTH KEY=VALUE\n`; GNU's are the value alone. Global ones say nothing here.
 */
function wordsOf(type: string, content: string): Readonly<Record<string, string>> {
  if (type === 'L') return { path: content.replace(/\0.*$/s, '') }
  if (type === 'K') return { linkpath: content.replace(/\0.*$/s, '') }
  if (type === 'g') return {}
  const words: Record<string, string> = {}
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, space))
    if (space < 0 || !(length > 0)) break
    const record = bytes.toString('utf8', space + 1, at + length - 1)
    const equals = record.indexOf('=')
    words[record.slice(0, equals)] = record.slice(equals + 1)
    at += length
  }
  return words
}

function text(header: Buffer, start: number, length: number): string {
  return header.toString('utf8', start, start + length).replace(/\0.*$/s, '')
}

/** Octal digits, or for large numbers base 256 with the highest bit set. */
function octal(header: Buffer, start: number, length: number): number {
  if (((header[start] ?? 0) & 0x80) !== 0) {
    return Number(BigInt(`0x${header.subarray(start + 1, start + length).toString('hex')}`))
  }
  return Number.parseInt(text(header, start, length).trim() || '0', 8)
}

function checkSum(header: Buffer): void {
  const sum = header.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (sum !== octal(header, 148, 8)) throw new TarError('this is not a tar archive')
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

class EntryBody {
  readonly #input: ByteReader
  #left: number

  constructor(input: ByteReader, size: number) {
    this.#input = input
    this.#left = size
  }

  async *read(): AsyncIterable<Buffer> {
    while (this.#left > 0) {
      const chunk = await this.#input.some(this.#left)
      if (chunk.length === 0) throw new TarError('the archive ends in the middle of a file')
      this.#left -= chunk.length
      yield chunk
    }
  }

  async skipRest(): Promise<void> {
    for await (const _ of this.read());
  }
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** Between one byte and `max`; none at the end. */
  async some(max: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next()
      if (next.done) return this.#rest
      this.#rest = next.value
    }
    const taken = this.#rest.subarray(0, max)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  /** `size` bytes, or fewer at the end. */
  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = size; left > 0; ) {
      const part = await this.some(left)
      if (part.length === 0) break
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }

  async skip(size: number): Promise<void> {
    await this.take(size)
  }
}
