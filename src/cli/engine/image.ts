import { resolve } from 'node:path'
import { Command } from 'commander'
import { pods } from '../../api/scheme.ts'
import { systemContext } from '../../base/context.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { loadKubeconfig } from '../../client/kubeconfig.ts'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { runningEngine } from '../../cluster/engine-record.ts'
import { type Image, ImageStore } from '../../node/images/store.ts'
import type { CliIo } from '../io.ts'
import { dataDirOf, dataOption } from './data-option.ts'

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

/** The digests that pods run from now, whatever references mean by now. */
async function digestsInUse(dataDir: string): Promise<ReadonlySet<string>> {
  const record = await runningEngine(dataDirectory(dataDir))
  if (!record) return new Set()
  const access = await loadKubeconfig({ files: [record.kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  try {
    const { items } = await transport.list(pods, {})
    const statuses = items.flatMap(({ status }) => [
      ...(status?.containerStatuses ?? []),
      ...(status?.initContainerStatuses ?? []),
    ])
    return new Set(statuses.map(({ imageID }) => imageID.replace(/^.*(?=sha256:)/, '')))
  } finally {
    transport.close()
  }
}

function addCommand(io: CliIo): Command {
  return new Command('add')
    .description('copy a directory as an image; CMD is what its containers run')
    .argument('<ref>', 'such as learnk8s/app:1.0.0')
    .argument('<dir>', 'the directory')
    .argument('[command...]', 'after --')
    .option(...dataOption)
    .action(async (...[ref, dir, command, flags]: [string, string, string[], DataFlag]) => {
      const store = new ImageStore(dataDirOf(io, flags.data))
      const image = await store.add(ref, resolve(io.cwd, dir), command)
      io.stdout.write(`${image.reference} added (${shortDigest(image.digest)})\n`)
    })
}

function listCommand(io: CliIo): Command {
  return new Command('ls')
    .description('list images')
    .option(...dataOption)
    .option('-o, --output <format>', 'json')
    .action(async (flags: DataFlag & { output?: string }) => {
      const images = await new ImageStore(dataDirOf(io, flags.data)).list()
      io.stdout.write(flags.output === 'json' ? `${JSON.stringify(images)}\n` : table(images))
    })
}

function removeCommand(io: CliIo): Command {
  return new Command('rm')
    .description('forget an image; its files go when nothing runs from them')
    .argument('<ref>')
    .option(...dataOption)
    .action(async (ref: string, flags: DataFlag) => {
      const dataDir = dataDirOf(io, flags.data)
      await new ImageStore(dataDir).remove(ref, await digestsInUse(dataDir))
      io.stdout.write(`${ref} removed\n`)
    })
}

export function imageCommand(io: CliIo): Command {
  return new Command('image')
    .description('images of the process runtime')
    .addCommand(addCommand(io))
    .addCommand(listCommand(io))
    .addCommand(removeCommand(io))
}
