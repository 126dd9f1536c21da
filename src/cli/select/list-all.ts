import type { KubeObject } from '../../api/object.ts'
import { isStatusError, StatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Selection, Target } from './targets.ts'

const pageSize = 500

type Selectors = Pick<Selection, 'selector' | 'fieldSelector'>

/** The options of a list for these selectors. */
export function selectorOptions({ selector, fieldSelector }: Selectors) {
  return {
    ...(selector && { labelSelector: selector }),
    ...(fieldSelector && { fieldSelector }),
  }
}

/** A whole collection, page by page. */
export async function listAll(
  transport: Transport,
  { resource, namespace }: Target,
  selectors: Selectors,
): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }> {
  const items: KubeObject[] = []
  let next: string | undefined
  try {
    for (;;) {
      const options = {
        ...selectorOptions(selectors),
        limit: pageSize,
        ...(next && { continue: next }),
      }
      const page = await transport.list(resource, { namespace }, options)
      items.push(...page.items)
      next = page.continue
      if (!next) return { items, resourceVersion: page.resourceVersion }
    }
  } catch (error) {
    throw explained(error, { resource, selectors })
  }
}

/** As kubectl tells that a server refused selectors. */
export function explained(
  error: unknown,
  { resource, selectors }: { readonly resource: Target['resource']; readonly selectors: Selectors },
): unknown {
  const { selector = '', fieldSelector = '' } = selectors
  const isRefused = isStatusError(error, 'BadRequest') || isStatusError(error, 'NotFound')
  if (!isRefused || (selector === '' && fieldSelector === '')) return error
  const what = `${resource.group}/${resource.version}, Resource=${resource.plural}`
  const sought = `label selector ${JSON.stringify(selector)}, field selector ${JSON.stringify(fieldSelector)}`
  const message = `Unable to find ${JSON.stringify(what)} that match ${sought}: ${error.message}`
  return new StatusError(error.reason, message, error.details)
}
