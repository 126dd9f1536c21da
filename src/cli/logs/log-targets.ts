import type { LabelSelector, Pod } from '../../api/generated/types.ts'
import { compileLabelMap, compileLabelSelector } from '../../api/labels.ts'
import type { KubeObject } from '../../api/object.ts'
import { pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import { sleep } from '../../base/clock.ts'
import { CliError } from '../cli-error.ts'
import { listAll } from '../select/list-all.ts'
import { resolveTargets } from '../select/targets.ts'
import type { Session } from '../session.ts'
import type { LogsOptions, LogTarget } from './logs-options.ts'

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'
const pollMs = 500

/** The pods whose logs are meant. */
export async function podsOf(session: Session, options: LogsOptions): Promise<readonly Pod[]> {
  const { what, selector } = options
  if (what === undefined) return selectedPods(session, selector)
  const [target] = await resolveTargets(session, {
    operands: what.includes('/') ? [what] : ['pods', what],
  })
  if (!target?.name) return []
  const { resource, namespace, name } = target
  try {
    const object = await session.transport.get(resource, { namespace, name })
    return resource.kind === 'Pod'
      ? [object as KubeObject as Pod]
      : [await onePodOf(session, object, options)]
  } catch (error) {
    throw notFoundText(error, session.namespace)
  }
}

async function selectedPods(session: Session, selector: string): Promise<readonly Pod[]> {
  const [target] = await resolveTargets(session, { operands: ['pods'], selector })
  if (!target) return []
  const { items } = await listAll(session.transport, target, { selector })
  return items as readonly KubeObject[] as readonly Pod[]
}

/** A pod that the object selects; waits for the first one to appear. */
async function onePodOf(
  { transport, io }: Session,
  object: KubeObject,
  { podTimeoutMs }: LogsOptions,
): Promise<Pod> {
  const labelSelector = selectorText(object)
  const { namespace } = object.metadata
  const untilMs = io.clock.monotonic() + podTimeoutMs
  while (!io.signal.aborted) {
    const { items } = await transport.list(pods, { namespace }, { labelSelector })
    const [best] = [...items].sort(byUsefulness)
    if (best) {
      if (items.length > 1) {
        io.stderr.write(`Found ${items.length} pods, using pod/${best.metadata.name}\n`)
      }
      return best
    }
    if (io.clock.monotonic() >= untilMs) break
    await sleep(io.clock, pollMs, io.signal)
  }
  throw new CliError('timed out waiting for the condition')
}

/** Workloads have label selectors; Services and ReplicationControllers maps. */
function selectorText(object: KubeObject): string {
  const { selector } = (object as { readonly spec?: { readonly selector?: object } }).spec ?? {}
  if (selector && ('matchLabels' in selector || 'matchExpressions' in selector)) {
    return compileLabelSelector(selector as LabelSelector).text
  }
  if (selector && Object.values(selector).every((value) => typeof value === 'string')) {
    return compileLabelMap(selector as Record<string, string>).text
  }
  const { kind, metadata } = object
  const why =
    kind === 'Service'
      ? `invalid service '${metadata.name}': Service is defined without a selector`
      : `selector for *v1.${kind} not implemented`
  throw new CliError(`cannot get the logs from *v1.${kind}: ${why}`)
}

/** The pod that has most to tell: on a node, running, ready, then the oldest. */
function byUsefulness(a: Pod, b: Pod): number {
  const rank = ({ spec, status = {} }: Pod) => {
    const isReady = status.conditions?.some(
      ({ type, status: is }) => type === 'Ready' && is === 'True',
    )
    const phase = status.phase === 'Running' ? 2 : status.phase === 'Pending' ? 0 : 1
    return (spec?.nodeName ? 10 : 0) + phase * 2 + (isReady ? 1 : 0)
  }
  const createdAt = ({ metadata }: Pod) => metadata.creationTimestamp ?? ''
  return (
    rank(b) - rank(a) || (createdAt(a) < createdAt(b) ? -1 : createdAt(a) > createdAt(b) ? 1 : 0)
  )
}

/** Of a pod the containers meant; says which one where none was named. */
export function containersOf(
  { io }: Session,
  pod: Pod,
  { container, isAllContainers }: LogsOptions,
): readonly LogTarget[] {
  const { initContainers = [], containers = [] } = pod.spec ?? { containers: [] }
  const names = [...containers, ...initContainers].map(({ name }) => name)
  if (isAllContainers) {
    const inOrder = [...initContainers, ...containers]
    return inOrder.map(({ name }) => ({ pod, container: name }))
  }
  if (container !== '') {
    if (names.includes(container)) return [{ pod, container }]
    throw new CliError(
      `container ${container} is not valid for pod ${pod.metadata.name} out of: ${listed(pod)}`,
    )
  }
  const wanted = pod.metadata.annotations?.[defaultContainerAnnotation]
  if (wanted && names.includes(wanted)) return [{ pod, container: wanted }]
  const [first = ''] = names
  if (names.length > 1) {
    io.stderr.write(`Defaulted container ${JSON.stringify(first)} out of: ${listed(pod)}\n`)
  }
  return [{ pod, container: first }]
}

function listed({ spec }: Pod): string {
  const { initContainers = [], containers = [] } = spec ?? { containers: [] }
  const names = containers.map(({ name }) => name)
  return [...names, ...initContainers.map(({ name }) => `${name} (init)`)].join(', ')
}

/** The one error that kubectl words by itself here. */
function notFoundText(error: unknown, namespace: string): unknown {
  if (!isStatusError(error, 'NotFound')) return error
  const text = `error from server (NotFound): ${error.message}`
  return new CliError(`${text} in namespace ${JSON.stringify(namespace)}`)
}
