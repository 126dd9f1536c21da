import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImageStore } from '../../src/node/images/store.ts'
import { type Programs, servingPort } from './images.ts'

const image = 'conformance/programs:1'

/** What the images of agnhost do, as one file for the process runtime. */
const program = `
import { createServer } from 'node:http'
const [what, url, ...words] = process.argv.slice(2)
const keepRunning = () => setInterval(() => {}, 60_000)
if (what === 'serve') {
  createServer((_, response) => response.end(process.env.HOSTNAME)).listen(process.env.PORT)
} else if (what === 'hear') {
  const missing = new Set(words)
  while (missing.size > 0) {
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined)
    missing.delete(await answer?.text())
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
} else keepRunning()
process.on('SIGTERM', () => process.exit(0))
`

const run = (...args: readonly string[]) => ({
  image,
  command: [process.execPath, 'program.mjs', ...args],
})

export const processPrograms: Programs = {
  serveHostname: () => ({ ...run('serve'), ports: [{ containerPort: servingPort }] }),
  hears: (url, words) => run('hear', url, ...words),
}

export async function addPrograms(images: ImageStore): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), 'astern-conformance-'))
  try {
    await writeFile(join(source, 'program.mjs'), program)
    await images.add(image, source, [process.execPath, 'program.mjs'])
  } finally {
    await rm(source, { recursive: true })
  }
}
