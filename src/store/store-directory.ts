import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** The newest format that this program reads, and the one it writes. */
export const storeFormat = 1

const formatFile = 'format.json'

export type OpenFailure = 'newer-format' | 'in-use' | 'not-a-store' | 'unreadable'

/** The store cannot be opened; the message is for people and says what to do. */
export class StoreOpenFailed extends Error {
  override readonly name = 'StoreOpenFailed'
  readonly why: OpenFailure

  constructor(why: OpenFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.why = why
  }
}

function formatIn(directory: string, text: string): number {
  try {
    const { format } = JSON.parse(text) as { readonly format?: unknown }
    if (typeof format === 'number' && Number.isInteger(format)) return format
  } catch {
    // Reported below, as any other content that is not a format.
  }
  throw new StoreOpenFailed(
    'unreadable',
    `the store's format cannot be read from ${join(directory, formatFile)}; restore the data directory from a backup, or use another one`,
  )
}

/** Durable before it returns: a database without its format must not exist. */
async function writeFormat(directory: string): Promise<void> {
  const draft = join(directory, `${formatFile}.new`)
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ format: storeFormat })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, join(directory, formatFile))
  const parent = await open(directory)
  await parent.sync().finally(() => parent.close())
}

/**
 * Makes sure that `directory` exists (mode 0700) and has a format that this program reads, before
 * the database in it is touched. The format is a file of its own so that it can be read whatever
 * engine a later format uses. Throws StoreOpenFailed.
 */
export async function prepareStoreDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const names = await readdir(directory)
  if (names.includes(formatFile)) {
    const format = formatIn(directory, await readFile(join(directory, formatFile), 'utf8'))
    if (format <= storeFormat) return
    throw new StoreOpenFailed(
      'newer-format',
      `the store in ${directory} has format ${format}, and this Astern reads formats up to ${storeFormat}; start the Astern that wrote it or a newer one, or use another data directory`,
    )
  }
  const foreign = names.find((name) => name !== `${formatFile}.new`)
  if (foreign) {
    throw new StoreOpenFailed(
      'not-a-store',
      `${directory} is not empty and not a store (it holds ${foreign}, but no ${formatFile}); use another data directory`,
    )
  }
  await writeFormat(directory)
}
