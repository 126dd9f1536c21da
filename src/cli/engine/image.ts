import { resolve } from 'node:path'
import { Command } from 'commander'
import { systemContext } from '../../base/context.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { loadKubeconfig } from '../../client/kubeconfig.ts'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { runningEngine } from '../../cluster/engine-record.ts'
import { type ImageUse, readImageUse } from '../../cluster/image-use.ts'
import { fullReference } from '../../node/images/reference.ts'
import { type Image, ImageStore } from '../../node/images/store.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { dataOption, openDataDirOf } from './data-option.ts'
import { loadCommand } from './image-load.ts'

const usersShown = 3

interface DataFlag {
  readonly data?: string
}

const shortDigest = (digest: string) => digest.slice('sha256:'.length, 'sha256:'.length + 12)

function table(images: readonly Image[]): string {
  const rows = [
    ['REFERENCE', 'DIGEST', 'SIZE', 'COMMAND'],
    ...images.map(({ reference, digest, sizeBytes, command }) => [
      reference,
      shortDigest(digest),
      String(sizeBytes),
      command.join(' ') || '<none>',
    ]),
  ]
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3)).join('')
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('')
}

/** What the engine's objects need of images. Rejects with CliError when no engine can be asked. */
async function imageUse(dataDir: string, ref: string): Promise<ImageUse> {
  const record = await runningEngine(dataDirectory(dataDir))
  if (!record) {
    throw new CliError(`what needs ${ref} cannot be known while no engine runs on ${dataDir}`, {
      hint: 'start it with "astern up", or say --force',
    })
  }
  const access = await loadKubeconfig({ files: [record.kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  try {
    return await readImageUse(transport)
  } finally {
    transport.close()
  }
}

/** Nothing that runs, or that an undo or a rollback could bring back, may lose its image. */
function refuseIfNeeded(ref: string, { byReference }: ImageUse): void {
  const users = byReference.get(fullReference(ref) ?? '') ?? []
  if (users.length === 0) return
  const shown = users.slice(0, usersShown).join(', ')
  const more = users.length > usersShown ? ` and ${users.length - usersShown} more` : ''
  throw new CliError(`${ref} is needed by ${shown}${more}`, {
    code: 4,
    hint: 'without it there would be no way back; delete those first, or say --force',
  })
}

function addCommand(io: CliIo): Command {
  return new Command('add')
    .description('copy a directory as an image; CMD is what its containers run')
    .argument('<ref>', 'such as learnk8s/app:1.0.0')
    .argument('<dir>', 'the directory')
    .argument('[command...]', 'after --')
    .option(...dataOption)
    .action(async (...[ref, dir, command, flags]: [string, string, string[], DataFlag]) => {
      const store = new ImageStore(openDataDirOf(io, flags.data))
      const before = await store.find(ref).catch(() => undefined)
      const image = await store.add(ref, resolve(io.cwd, dir), command)
      const isMoved = before && before.digest !== image.digest
      const moved = isMoved ? `; it was ${shortDigest(before.digest)}, which runs on` : ''
      io.stdout.write(`${image.reference} added (${shortDigest(image.digest)})${moved}\n`)
    })
}

function listCommand(io: CliIo): Command {
  return new Command('ls')
    .description('list images')
    .option(...dataOption)
    .option('-o, --output <format>', 'json')
    .action(async (flags: DataFlag & { output?: string }) => {
      const images = await new ImageStore(openDataDirOf(io, flags.data)).list()
      io.stdout.write(flags.output === 'json' ? `${JSON.stringify(images)}\n` : table(images))
    })
}

function removeCommand(io: CliIo): Command {
  return new Command('rm')
    .description('forget an image that no kept revision or release needs; its files go too')
    .argument('<ref>')
    .option(...dataOption)
    .option('--force', 'also when it is needed; the files of what runs stay')
    .action(async (ref: string, flags: DataFlag & { force?: boolean }) => {
      const dataDir = openDataDirOf(io, flags.data)
      const store = new ImageStore(dataDir)
      const isRunning = (await runningEngine(dataDirectory(dataDir))) !== undefined
      const use = flags.force && !isRunning ? undefined : await imageUse(dataDir, ref)
      if (use && !flags.force) refuseIfNeeded(ref, use)
      await store.remove(ref, use?.digests ?? 'unknown')
      io.stdout.write(`${ref} removed\n`)
    })
}

export function imageCommand(io: CliIo): Command {
  return new Command('image')
    .description('images of the process runtime')
    .addCommand(addCommand(io))
    .addCommand(loadCommand(io))
    .addCommand(listCommand(io))
    .addCommand(removeCommand(io))
}
