import { badRequest } from '../../api/status-error.ts'
import { pathSegmentErrors } from '../../api/validation/path-segment.ts'

/** Where a URL points: `/api/VERSION/...` or `/apis/GROUP/VERSION/...`. */
export interface ResourcePath {
  /** '' for the core group. */
  readonly group: string
  readonly version: string
  readonly namespace?: string
  readonly plural: string
  readonly name?: string
  readonly subresource?: string
  /** The legacy `/watch/` prefix was there. */
  readonly isWatch: boolean
}

/**
 * These follow a namespace's own name; everything else there is a resource inside the namespace.
 */
const namespaceSubresources = new Set(['status', 'finalize'])

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`)
  }
}

/**
 * Undefined when the path is no resource's. Throws BadRequest for broken percent-encoding, and for
 * names that no path may have.
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path.split('/').slice(1).map(decode)
  if (segments.at(-1) === '') segments.pop()
  const root = segments.shift()
  if (root !== 'api' && root !== 'apis') return undefined
  const group = root === 'api' ? '' : (segments.shift() ?? '')
  const version = segments.shift()
  const isWatch = segments[0] === 'watch'
  if (isWatch) segments.shift()
  const place = placeOf(segments)
  if (!version || !place?.plural || segments.includes('')) return undefined
  checkSegment('Namespace', place.namespace)
  checkSegment('Name', place.name)
  return { group, version, isWatch, ...place }
}

/** What has been decoded must still be one segment: no way up, and no way into another place. */
function checkSegment(what: 'Name' | 'Namespace', value: string | undefined): void {
  const errors = value === undefined ? [] : pathSegmentErrors(value)
  if (errors.length === 0) return
  throw badRequest(`${what} parameter invalid: ${JSON.stringify(value)}: ${errors.join(';')}`)
}

type Place = Pick<ResourcePath, 'namespace' | 'plural' | 'name' | 'subresource'>

function placeOf(segments: readonly string[]): Place | undefined {
  const [first, namespace, third] = segments
  const isInside = first === 'namespaces' && namespace && third && !namespaceSubresources.has(third)
  const [plural = '', name, subresource, ...rest] = isInside ? segments.slice(2) : segments
  if (rest.length > 0) return undefined
  return {
    plural,
    ...(isInside && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  }
}
