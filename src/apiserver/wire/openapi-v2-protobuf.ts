import { version } from './version.ts'

/** By what name clients ask for it, and by what name it is answered: upstream's two spellings. */
export const openApiV2ProtobufTypes = {
  asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  answered: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
} as const

/** Field numbers of gnostic's `openapi.v2` messages. */
const fields = { swagger: 1, info: 2, title: 1, version: 2, paths: 8 } as const

/** A string or a message: its length fits one byte here. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}

/**
 * An OpenAPI v2 document without paths. kubectl asks for v2 only in this form and only about kinds
 * that it has not found in v3, that is, about kinds that are not served: it has to learn that they
 * are not here either before it can say so.
 */
export function openApiV2Protobuf(): Buffer {
  const info = [field(fields.title, 'Kubernetes'), field(fields.version, version.gitVersion)]
  return Buffer.concat([
    field(fields.swagger, '2.0'),
    field(fields.info, Buffer.concat(info)),
    field(fields.paths, ''),
  ])
}
