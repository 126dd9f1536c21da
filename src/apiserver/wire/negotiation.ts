import { StatusError } from '../../api/status-error.ts'

export type Shape = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

/** What the client wants to read (H-05). Everything is JSON. */
export interface Negotiated {
  readonly shape: Shape
  /** Version of meta.k8s.io for shapes other than `object`. */
  readonly metaVersion: string
}

export interface MediaType {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';')
  const parameters: Record<string, string> = {}
  for (const part of rest) {
    const equals = part.indexOf('=')
    if (equals < 0) continue
    const value = part.slice(equals + 1).trim()
    parameters[part.slice(0, equals).trim().toLowerCase()] = value.replace(/^"(.*)"$/, '$1')
  }
  return { type: type.trim().toLowerCase(), parameters }
}

/** The media types of an Accept header, most wanted first; anything when there is none. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  const types = (header ?? '').split(',').filter((part) => part.trim() !== '')
  if (types.length === 0) return [{ type: '*/*', parameters: {} }]
  const quality = (media: MediaType) => Number(media.parameters.q ?? 1)
  return types
    .map(parseMediaType)
    .filter((media) => quality(media) > 0)
    .sort((a, b) => quality(b) - quality(a))
}

export const isJson = ({ type }: MediaType) =>
  type === 'application/json' || type === 'application/*' || type === '*/*'

const metaVersions = new Set(['v1', 'v1beta1'])

function accept(media: MediaType, shapes: readonly Shape[]): Negotiated | undefined {
  const { as, g, v = 'v1' } = media.parameters
  if (!isJson(media)) return undefined
  if (as === undefined) return { shape: 'object', metaVersion: 'v1' }
  const shape = shapes.find((candidate) => candidate === as)
  return shape && g === 'meta.k8s.io' && metaVersions.has(v) ? { shape, metaVersion: v } : undefined
}

/** The first acceptable form. Throws NotAcceptable (406) when there is none. */
export function negotiate(header: string | undefined, shapes: readonly Shape[]): Negotiated {
  for (const media of parseAccept(header)) {
    const accepted = accept(media, shapes)
    if (accepted) return accepted
  }
  throw notAcceptable(['application/json'])
}

export function notAcceptable(types: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${types.join(', ')}`
  return new StatusError('NotAcceptable', message)
}

export function unsupportedMediaType(types: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`
  return new StatusError('UnsupportedMediaType', message)
}
