import type { Event } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { column, type TableDefinition } from './table.ts'

function seen(event: Event, nowMs: number): { first: string; last: string } {
  const first = ageOf(event.firstTimestamp ?? event.eventTime, nowMs)
  if (event.series) return { first, last: ageOf(event.series.lastObservedTime, nowMs) }
  return { first, last: event.lastTimestamp ? ageOf(event.lastTimestamp, nowMs) : first }
}

function target({ involvedObject: { kind, name } }: Event): string {
  const word = (kind ?? '').toLowerCase()
  return name ? `${word}/${name}` : word
}

function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || ''
  const instance = event.source?.host || event.reportingInstance
  return instance ? `${component}, ${instance}` : component
}

/**
 * Columns in the order of upstream since 1.14 (G.6); `name` comes last, because nobody looks for
 * it.
 */
export const eventTable: TableDefinition<Event> = {
  columns: [
    column('Last Seen', 'text', 'When it happened last.'),
    column('Type', 'text', 'Normal or Warning.'),
    column('Reason', 'text', 'One word for machines.'),
    column('Object', 'text', 'What it is about.'),
    column('Subobject', 'wide text', 'The part of the object that it is about.'),
    column('Source', 'wide text', 'Who reports it.'),
    column('Message', 'text', 'What happened, for people.'),
    column('First Seen', 'wide text', 'When it happened first.'),
    column('Count', 'wide number', 'How often it happened.'),
    column('Name', 'wide name', 'The name of the Event itself.'),
  ],
  cells: (event, nowMs) => {
    const { first, last } = seen(event, nowMs)
    return [
      last,
      event.type ?? '',
      event.reason ?? '',
      target(event),
      event.involvedObject.fieldPath ?? '',
      source(event),
      (event.message ?? '').trim(),
      first,
      event.series?.count ?? (event.count || 1),
      event.metadata.name ?? '',
    ]
  },
}
