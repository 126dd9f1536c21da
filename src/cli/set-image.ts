import { isJsonObject, type JsonObject, type JsonValue } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import { recorded } from './annotations.ts'
import { threeWayPatch } from './apply/three-way-patch.ts'
import { builtInModel } from './built-in-model.ts'
import { CliError, throwCollected } from './cli-error.ts'
import { type DryRun, dryRunOf, operationText } from './dry-run.ts'
import type { Invocation } from './kubectl-command.ts'
import { operationPrinter } from './print/object-printer.ts'
import { forEachItem, type Item } from './select/items.ts'
import { resolveTargets } from './select/targets.ts'
import { type Session, withSession } from './session.ts'

/** Where the pod template (or the pod) lies in a kind. */
const podSpecPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
}

/** Container name, or `*`, to image. */
type Images = ReadonlyMap<string, string>

/** `set image` (G-06). An object whose images are already so is not written and not mentioned. */
export async function setImage(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation
  const { operands, images } = splitOperands(invocation.operands)
  const dryRun = dryRunOf(invocation)
  const selection = {
    operands,
    files: flags.list('filename'),
    isRecursive: flags.boolean('recursive'),
    selector: flags.text('selector'),
    isAll: flags.boolean('all'),
    isFetched: true,
  }
  const operation = operationText('image updated', dryRun)
  const print = operationPrinter(operation, { flags, stdout: io.stdout })
  await withSession(invocation, async (session) => {
    if (images.size === 0) {
      if (selection.files.length === 0) await resolveTargets(session, selection)
      throw new CliError('at least one image update is required')
    }
    await forEachItem(session, selection, async (item) => {
      const changed = recorded(withImages(item, images), invocation)
      const updated = await send(
        session,
        { ...item, object: changed },
        { item, dryRun, invocation },
      )
      if (updated) print(updated)
    })
  })
}

function splitOperands(all: readonly string[]) {
  const isPair = (operand: string) => operand.includes('=')
  const operands = all.filter((operand) => !isPair(operand))
  const images = new Map<string, string>()
  for (const pair of all.filter(isPair)) {
    const [container = '', image = ''] = pair.split(/=(.*)/s)
    images.set(container, image)
  }
  return { operands, images }
}

function withImages({ resource, name, object }: Item, images: Images): KubeObject {
  const path = podSpecPaths[resource.kind]
  if (!path) {
    throw new CliError(
      `${resource.plural}/${name} the object is not a pod or does not have a pod template: *${resource.version}.${resource.kind}`,
    )
  }
  const found = new Set<string>()
  const changed = edit(object as unknown as JsonObject, path, (podSpec) => ({
    ...podSpec,
    ...imagesIn(podSpec, 'initContainers', { images, found }),
    ...imagesIn(podSpec, 'containers', { images, found }),
  }))
  const missing = [...images.keys()].filter((container) => !found.has(container))
  throwCollected(
    missing.map((container) => {
      return new CliError(`error: unable to find container named ${JSON.stringify(container)}`)
    }),
  )
  return changed as unknown as KubeObject
}

function imagesIn(
  podSpec: JsonObject,
  list: string,
  { images, found }: { readonly images: Images; readonly found: Set<string> },
): JsonObject {
  const containers = podSpec[list]
  if (!Array.isArray(containers)) return {}
  const changed = containers.map((container: JsonValue) => {
    if (!isJsonObject(container)) return container
    const key = images.has(String(container.name)) ? String(container.name) : '*'
    const image = images.get(key)
    if (image === undefined) return container
    found.add(key)
    return { ...container, image }
  })
  return { [list]: changed }
}

function edit(
  object: JsonObject,
  [name, ...rest]: readonly string[],
  change: (value: JsonObject) => JsonObject,
): JsonObject {
  if (name === undefined) return change(object)
  const member = object[name]
  return { ...object, [name]: edit(isJsonObject(member) ? member : {}, rest, change) }
}

interface Sending {
  /** As it was. */
  readonly item: Item
  readonly dryRun: DryRun
  readonly invocation: Invocation
}

/** Undefined when there was nothing to change. */
async function send(
  { transport }: Session,
  { resource, namespace, name, object }: Item,
  { item, dryRun, invocation }: Sending,
): Promise<KubeObject | undefined> {
  const before = item.object as unknown as JsonObject
  const modified = object as unknown as JsonObject
  const versions = { original: before, modified, current: before }
  const body = threeWayPatch(versions, builtInModel(resource))
  if (Object.keys(body).length === 0) return undefined
  if (dryRun === 'client') return object
  const patch = { type: 'application/strategic-merge-patch+json', body } as const
  return transport.patch(resource, { namespace, name }, patch, {
    dryRun: dryRun === 'server',
    fieldManager: invocation.flags.text('field-manager'),
  })
}
