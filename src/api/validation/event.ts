import { invalidValue, requiredValue } from '../field-errors.ts'
import type { Event } from '../generated/types.ts'
import { byteLength, dns1123SubdomainErrors, qualifiedNameErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { type Errors, formatted } from './rules.ts'

/**
 * Events of the core group are hardly checked upstream, not even their names: recorders must not
 * fail.
 */
export const eventRules: KindRules<Event> = {
  create: validateEvent,
  update: (next) => validateEvent(next),
}

function validateEvent(event: Event): Errors {
  const { namespace = '' } = event.metadata
  return [
    ...(event.eventTime === undefined ? validateOldForm(event) : validateNewForm(event)),
    ...formatted('namespace', namespace, dns1123SubdomainErrors),
  ]
}

function wrongNamespace(event: Event): Errors {
  const { namespace = '' } = event.involvedObject ?? {}
  return [invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace')]
}

/** Without eventTime: the namespaces of the Event and of its object must agree. */
function validateOldForm(event: Event): Errors {
  const { namespace = '' } = event.metadata
  const { namespace: involved = '' } = event.involvedObject ?? {}
  const isRight = involved === '' ? ['', 'default'].includes(namespace) : involved === namespace
  return isRight ? [] : wrongNamespace(event)
}

function validateNewForm(event: Event): Errors {
  const { metadata, reportingComponent = '', message = '' } = event
  const isClusterScoped = !event.involvedObject?.namespace
  const isRight = !isClusterScoped || ['default', 'kube-system'].includes(metadata.namespace ?? '')
  const component = 'reportingComponent'
  return [
    ...(isRight ? [] : wrongNamespace(event)),
    ...(reportingComponent ? [] : [requiredValue(component)]),
    ...formatted(component, reportingComponent, qualifiedNameErrors),
    ...(['reportingInstance', 'action', 'reason'] as const).flatMap((field) => [
      ...(event[field] ? [] : [requiredValue(field)]),
      ...atMostBytes(field, event[field] ?? '', 128),
    ]),
    ...atMostBytes('message', message, 1024),
  ]
}

function atMostBytes(field: string, text: string, bytesMax: number): Errors {
  if (byteLength(text) <= bytesMax) return []
  return [invalidValue(field, '', `can have at most ${bytesMax} characters`)]
}
