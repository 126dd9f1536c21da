import { CliError } from '../cli-error.ts'
import type { DiscoveredResource } from '../discovery.ts'
import type { Session } from '../session.ts'

/** What a command line points at: one object, or without a name a collection. */
export interface Target {
  readonly resource: DiscoveredResource
  /** Absent for cluster-scoped resources and for all namespaces. */
  readonly namespace?: string
  readonly name?: string
}

/** How a command line may point at objects. */
export interface Selection {
  /** `TYPE NAME...`, `TYPE/NAME...`, `TYPE[,TYPE...]`. */
  readonly operands: readonly string[]
  readonly selector?: string
  readonly fieldSelector?: string
  readonly isAllNamespaces?: boolean
  /** `--all`. */
  readonly isAll?: boolean
  /** A type alone means all of its objects, as for `get`. */
  readonly isTypeEnough?: boolean
  readonly files?: readonly string[]
  readonly isRecursive?: boolean
}

const nothingGiven = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`

/** What the operands name. Throws CliError in kubectl's words. */
export async function resolveTargets(
  session: Session,
  selection: Selection,
): Promise<readonly Target[]> {
  const { operands } = selection
  const pairs = pairsOf(session.io.programName, operands)
  const isWide = isWideSelection(selection, pairs)
  if (operands.length === 0) {
    throw new CliError(
      isWide ? 'at least one resource must be specified to use a selector' : nothingGiven,
    )
  }
  if (pairs) return resolvePairs(session, selection, pairs)
  const [types = '', ...names] = operands
  const resources = await resolveTypes(session, types)
  if (isWide) {
    if (names.length > 0) throw new CliError('name cannot be provided when a selector is specified')
    return resources.map((resource) => collection(session, selection, resource))
  }
  if (names.length === 0) {
    throw new CliError('resource(s) were provided, but no name was specified')
  }
  const [resource] = resources
  if (!resource || resources.length > 1)
    throw new CliError('you may only specify a single resource type')
  return names.map((name) => named(session, selection, { resource, name }))
}

type Pairs = readonly (readonly [type: string, name: string])[]

function isWideSelection(selection: Selection, pairs: Pairs | undefined): boolean {
  const { selector, fieldSelector, isAll, isTypeEnough, operands } = selection
  const hasSelector = Boolean(selector) || Boolean(fieldSelector) || isAll === true
  if (hasSelector && pairs) {
    const what = 'selectors and the all flag cannot be used when passing resource/name arguments'
    throw new CliError(what)
  }
  return hasSelector || (isTypeEnough === true && operands.length === 1)
}

/** `TYPE/NAME...`, undefined when no operand has a slash. */
function pairsOf(program: string, operands: readonly string[]): Pairs | undefined {
  const withSlash = operands.filter((operand) => operand.includes('/'))
  if (withSlash.length === 0) return undefined
  if (withSlash.length < operands.length) {
    const [good, bad] = [`${program} get resource/<resource_name>`, `${program} get resource`]
    throw new CliError(
      `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '${good}' instead of '${bad} resource/<resource_name>'`,
    )
  }
  return operands.map((operand) => {
    const [type = '', name = '', ...more] = operand.split('/')
    const form = 'arguments in resource/name form'
    if (more.length > 0) throw new CliError(`${form} may not have more than one slash`)
    if (type === '' || name === '' || type.includes(',')) {
      throw new CliError(`${form} must have a single resource and name`)
    }
    return [type, name]
  })
}

async function resolvePairs(session: Session, selection: Selection, pairs: Pairs) {
  const targets: Target[] = []
  for (const [type, name] of pairs) {
    const resource = await session.discovery.find(type)
    targets.push(named(session, selection, { resource, name }))
  }
  return targets
}

async function resolveTypes(
  { discovery }: Session,
  types: string,
): Promise<readonly DiscoveredResource[]> {
  const resources: DiscoveredResource[] = []
  for (const type of types.split(',')) {
    const members = (await discovery.category(type)) ?? [await discovery.find(type)]
    resources.push(...members.filter((member) => !resources.includes(member)))
  }
  return resources
}

function collection(
  session: Session,
  { isAllNamespaces }: Selection,
  resource: DiscoveredResource,
): Target {
  const isInNamespace = resource.namespaced && !isAllNamespaces
  return { resource, ...(isInNamespace && { namespace: session.namespace }) }
}

function named(
  session: Session,
  { isAllNamespaces }: Selection,
  { resource, name }: { readonly resource: DiscoveredResource; readonly name: string },
): Target {
  if (resource.namespaced && isAllNamespaces) {
    throw new CliError('a resource cannot be retrieved by name across all namespaces')
  }
  return { resource, name, ...(resource.namespaced && { namespace: session.namespace }) }
}
