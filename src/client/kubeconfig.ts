import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { parseDocument } from 'yaml'
import { isJsonObject, type JsonObject } from '../api/json.ts'
import { KubeconfigEntry, KubeconfigError } from './kubeconfig-entry.ts'

/** What a client needs to speak to one cluster: one context of a kubeconfig, resolved. */
export interface ClusterAccess {
  readonly context: string
  readonly cluster: string
  readonly user: string
  /** Such as `https://127.0.0.1:6443`, without a trailing slash. */
  readonly server: string
  /** The context's, else `default`. */
  readonly namespace: string
  readonly tls: TlsAccess
  /** A bearer token. */
  readonly token?: string
}

export interface TlsAccess {
  /** PEM. Absent: the system's authorities. */
  readonly ca?: Buffer
  /** PEM, always with `key`. */
  readonly cert?: Buffer
  readonly key?: Buffer
  /** True: any certificate is taken. */
  readonly isInsecure?: boolean
  /** Expected in the certificate instead of the host of `server`. */
  readonly serverName?: string
}

export interface KubeconfigOptions {
  /**
   * Of several the first to name a thing wins; missing ones are passed over unless all are missing.
   */
  readonly files: readonly string[]
  /** Instead of `current-context`. */
  readonly context?: string
}

/** The files that `$KUBECONFIG` lists. */
export function kubeconfigFiles(variable: string | undefined): readonly string[] {
  return (variable ?? '').split(delimiter).filter((file) => file !== '')
}

/**
 * Reads kubeconfig files and resolves one context. Throws KubeconfigError, which names the file and
 * what is missing.
 */
export function loadKubeconfig(options: KubeconfigOptions): ClusterAccess {
  const documents = options.files.flatMap((file) => readIfThere(file) ?? [])
  if (documents.length === 0) throw noFile(options.files)
  const context = find(documents, 'context', options.context ?? currentContext(documents))
  const cluster = find(documents, 'cluster', context.text('cluster') ?? '')
  const user = find(documents, 'user', context.text('user') ?? '')
  const token = tokenOf(user)
  return {
    context: context.name,
    cluster: cluster.name,
    user: user.name,
    server: serverOf(cluster),
    namespace: context.text('namespace') ?? 'default',
    tls: { ...authorityOf(cluster), ...certificateOf(user) },
    ...(token !== undefined && { token }),
  }
}

interface Document {
  readonly file: string
  readonly content: JsonObject
}

function noFile(files: readonly string[]): KubeconfigError {
  const what = files.length === 0 ? 'no file is named' : `no such file: ${files.join(', ')}`
  return new KubeconfigError(
    `cannot read a kubeconfig: ${what}`,
    'start an engine with `astern up`, or name a file with --kubeconfig or $KUBECONFIG',
  )
}

function readIfThere(file: string): Document | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new KubeconfigError(`cannot read the kubeconfig ${file}: ${(error as Error).message}`)
  }
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) throw new KubeconfigError(`the kubeconfig ${file} is not YAML: ${error.message}`)
  const content: unknown = document.toJS() ?? {}
  if (isJsonObject(content)) return { file, content }
  throw new KubeconfigError(`the kubeconfig ${file} is not a map of clusters, users and contexts`)
}

function currentContext(documents: readonly Document[]): string {
  for (const { content } of documents) {
    const name = content['current-context']
    if (typeof name === 'string' && name !== '') return name
  }
  throw new KubeconfigError(
    `current-context is not set in ${filesOf(documents)}`,
    'name a context with --context, or run `kubectl config use-context NAME`',
  )
}

function find(
  documents: readonly Document[],
  kind: 'cluster' | 'user' | 'context',
  name: string,
): KubeconfigEntry {
  for (const { file, content } of documents) {
    const entries = content[`${kind}s`]
    if (!Array.isArray(entries)) continue
    const entry = entries.find((candidate) => isJsonObject(candidate) && candidate.name === name)
    if (isJsonObject(entry)) return new KubeconfigEntry(file, kind, entry)
  }
  throw new KubeconfigError(
    `${kind} ${JSON.stringify(name)} does not exist in ${filesOf(documents)}`,
  )
}

function filesOf(documents: readonly Document[]): string {
  return documents.map(({ file }) => file).join(', ')
}

function serverOf(cluster: KubeconfigEntry): string {
  const server = cluster.text('server')
  if (server === undefined) throw new KubeconfigError(`${cluster} has no server`)
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new KubeconfigError(`the server of ${cluster} is not an https URL: ${server}`)
  }
  if (cluster.text('proxy-url') !== undefined) {
    throw new KubeconfigError(`${cluster} is reached by a proxy-url, which is not supported yet`)
  }
  return server.replace(/\/+$/, '')
}

function authorityOf(cluster: KubeconfigEntry): TlsAccess {
  const ca = cluster.bytes('certificate-authority')
  const serverName = cluster.text('tls-server-name')
  return {
    ...(ca && { ca }),
    ...(serverName !== undefined && { serverName }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true && { isInsecure: true }),
  }
}

const unsupportedSignIns = ['exec', 'auth-provider', 'username'] as const

function certificateOf(user: KubeconfigEntry): TlsAccess {
  const signIn = unsupportedSignIns.find((field) => user.fields[field] !== undefined)
  if (signIn !== undefined) {
    throw new KubeconfigError(
      `${user} signs in by ${JSON.stringify(signIn)}, which is not supported yet`,
      'use a kubeconfig with a client certificate or a token',
    )
  }
  const cert = user.bytes('client-certificate')
  const key = user.bytes('client-key')
  if (cert && key) return { cert, key }
  if (!cert && !key) return {}
  throw new KubeconfigError(`${user} has no ${cert ? 'client-key' : 'client-certificate'}`)
}

/** A tokenFile goes before a token, as upstream documents it. */
function tokenOf(user: KubeconfigEntry): string | undefined {
  const file = user.text('tokenFile')
  return file === undefined
    ? user.text('token')
    : user.readFile('tokenFile', file).toString().trim()
}
