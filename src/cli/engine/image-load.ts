import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { withImageSource } from '../../node/images/oci/open-source.ts'
import { type Credentials, registryHost } from '../../node/images/oci/registry-source.ts'
import { fullReference } from '../../node/images/reference.ts'
import { ImageStore } from '../../node/images/store.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { dataOption, openDataDirOf } from './data-option.ts'

interface LoadFlags {
  readonly data?: string
  readonly username?: string
  readonly passwordStdin?: boolean
}

export function loadCommand(io: CliIo): Command {
  return new Command('load')
    .description('unpack an OCI image; its containers run in it, without Docker or root')
    .argument('<ref>', 'such as learnk8s/app:1.0.0')
    .argument(
      '<source>',
      'docker save archive, OCI layout (directory or archive), or IMAGE in a registry',
    )
    .option(...dataOption)
    .option('--username <name>', 'for the registry (default: what "docker login" has kept)')
    .option('--password-stdin', 'read the password for the registry from stdin')
    .action(async (ref: string, source: string, flags: LoadFlags) => {
      const store = new ImageStore(openDataDirOf(io, flags.data))
      const path = resolve(io.cwd, source)
      const credentials = await credentialsOf(io, source, flags)
      const from = /^[./]/.test(source) || !fullReference(source) ? path : source
      const image = await withImageSource(from, credentials, (opened) => store.load(ref, opened))
      io.stdout.write(`${image.reference} loaded (${image.digest.slice(7, 19)})\n`)
    })
}

async function credentialsOf(
  io: CliIo,
  source: string,
  { username, passwordStdin }: LoadFlags,
): Promise<Credentials | undefined> {
  if ((username === undefined) !== (passwordStdin !== true)) {
    throw new CliError('--username and --password-stdin go together', { code: 2 })
  }
  if (username === undefined) return dockerCredentials(io, source)
  let password = ''
  for await (const chunk of io.stdin) password += chunk.toString()
  return { username, password: password.replace(/\r?\n$/, '') }
}

/** What `docker login` has written down itself; credential helpers are not asked. */
async function dockerCredentials(io: CliIo, source: string): Promise<Credentials | undefined> {
  const domain = fullReference(source)?.split('/')[0]
  if (domain === undefined) return undefined
  const dir = io.env.DOCKER_CONFIG ?? join(io.env.HOME ?? homedir(), '.docker')
  try {
    const { auths = {} } = JSON.parse(await readFile(join(dir, 'config.json'), 'utf8')) as {
      auths?: Record<string, { auth?: string }>
    }
    const names = [domain, `https://${domain}`, registryHost(domain), 'https://index.docker.io/v1/']
    const usable = domain === 'docker.io' ? names : names.slice(0, 2)
    const auth = usable.map((name) => auths[name]?.auth).find((text) => text !== undefined)
    if (auth === undefined) return undefined
    const [username = '', ...rest] = Buffer.from(auth, 'base64').toString('utf8').split(':')
    return { username, password: rest.join(':') }
  } catch {
    return undefined
  }
}
