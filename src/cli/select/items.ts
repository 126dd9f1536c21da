import { resolve } from 'node:path'
import { parseLabelSelector } from '../../api/labels.ts'
import type { KubeObject } from '../../api/object.ts'
import { StatusError } from '../../api/status-error.ts'
import { CliError, throwCollected } from '../cli-error.ts'
import type { DiscoveredResource } from '../discovery.ts'
import { kustomize } from '../kustomize.ts'
import { manifestDocuments } from '../manifest/manifest-documents.ts'
import { manifestFiles } from '../manifest/manifest-files.ts'
import type { Session } from '../session.ts'
import { listAll } from './list-all.ts'
import { resolveTargets, type Selection, type Target } from './targets.ts'

/** One object that a command works on. */
export interface Item {
  readonly resource: DiscoveredResource
  readonly namespace?: string
  /** '' for a manifest that leaves it out. */
  readonly name: string
  /** As the manifest has it (then without defaults), or as the server has it. */
  readonly object?: KubeObject
  /** The manifest's file. */
  readonly source?: string
}

export interface ItemOptions {
  /** Without it, items that were named are not asked for and have no object. */
  readonly isFetched?: boolean
}

/**
 * Calls `visit` with each object that a command line selects. What goes wrong with one does not
 * keep the others; all errors are thrown at the end. Returns how many there were.
 */
export async function forEachItem(
  session: Session,
  { isFetched = false, ...selection }: Selection & ItemOptions,
  visit: (item: Item) => Promise<void>,
): Promise<number> {
  const { files = [], operands } = selection
  const errors: Error[] = []
  let count = 0
  const attempt = async (item: Item) => {
    try {
      await visit(isFetched ? await fetched(session, item) : item)
      count++
    } catch (error) {
      errors.push(asError(error))
    }
  }
  if (files.length > 0) {
    if (operands.length > 0) throw mixed()
    await forEachManifest(session, selection, { attempt, errors })
  } else {
    for (const target of await resolveTargets(session, selection)) {
      await forEachOf(session, { target, selection }, { attempt, errors })
    }
  }
  throwCollected(errors)
  return count
}

/** All items at once, for commands that need to know them before they start. */
export async function collectItems(
  session: Session,
  selection: Selection & ItemOptions,
): Promise<readonly Item[]> {
  const items: Item[] = []
  await forEachItem(session, selection, async (item) => {
    items.push(item)
  })
  return items
}

/** With a selector only the manifests that have its labels. */
type ManifestSelection = Pick<Selection, 'files' | 'isRecursive' | 'selector'> & {
  /** `-k`; '' for none. */
  readonly kustomization?: string
}

/** The manifests of a session's `-f` files, each with where it goes. */
export async function forEachManifest(
  session: Session,
  { files = [], isRecursive = false, selector = '', kustomization = '' }: ManifestSelection,
  { attempt, errors }: Collecting,
): Promise<void> {
  const { io } = session
  const matcher = parseLabelSelector(selector)
  const given =
    kustomization === ''
      ? manifestFiles(io, files, isRecursive)
      : [{ name: kustomization, text: await kustomize(io, resolve(io.cwd, kustomization)) }]
  for await (const file of given) {
    try {
      for await (const { source, content } of manifestDocuments(file)) {
        const object = content as unknown as KubeObject
        if (!matcher.matches(object.metadata?.labels)) continue
        let item: Item | undefined
        try {
          item = await placeManifest(session, object, source)
        } catch (error) {
          errors.push(asError(error))
        }
        if (item) await attempt(item)
      }
    } catch (error) {
      errors.push(asError(error))
    }
  }
}

interface Collecting {
  readonly attempt: (item: Item) => Promise<void>
  readonly errors: Error[]
}

function mixed(): CliError {
  return new CliError(
    'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
  )
}

async function forEachOf(
  session: Session,
  { target, selection }: { readonly target: Target; readonly selection: Selection },
  { attempt, errors }: Collecting,
): Promise<void> {
  const { name, ...place } = target
  if (name !== undefined) return attempt({ ...place, name })
  try {
    const { items } = await listAll(session.transport, target, selection)
    for (const object of items) {
      const { namespace } = object.metadata
      const key = { name: object.metadata.name ?? '', ...(namespace && { namespace }) }
      await attempt({ resource: target.resource, ...key, object })
    }
  } catch (error) {
    errors.push(asError(error))
  }
}

/** The item as the server has it now. */
async function fetched({ transport }: Session, item: Item): Promise<Item> {
  const { resource, namespace, name, object, source } = item
  if (object && source === undefined) return item
  return { ...item, object: await transport.get(resource, { namespace, name }) }
}

/** Which resource a manifest is of, and in which namespace; checked against `-n`. */
async function placeManifest(session: Session, object: KubeObject, source: string): Promise<Item> {
  const { apiVersion, kind, metadata } = object
  const resource = await session.discovery.ofKind(apiVersion, kind)
  if (!resource) throw noMatch(object, source)
  const name = metadata?.name ?? ''
  if (!resource.namespaced) return { resource, name, object, source }
  const given = metadata?.namespace
  if (given && session.isNamespaceGiven && given !== session.namespace) {
    throw new CliError(
      `the namespace from the provided object ${JSON.stringify(given)} does not match the namespace ${JSON.stringify(session.namespace)}. You must pass '--namespace=${given}' to perform this operation.`,
    )
  }
  const namespace = given || session.namespace
  const placed = { ...object, metadata: { ...metadata, namespace } }
  return { resource, name, namespace, object: placed, source }
}

function noMatch({ apiVersion, kind, metadata }: KubeObject, source: string): CliError {
  const [name, namespace] = [metadata?.name ?? '', metadata?.namespace ?? '']
  const what = `name: ${JSON.stringify(name)} namespace: ${JSON.stringify(namespace)} from ${JSON.stringify(source)}`
  const why = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`
  return new CliError(
    `resource mapping not found for ${what}: ${why}\nensure CRDs are installed first`,
  )
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new StatusError('InternalError', String(error))
}
