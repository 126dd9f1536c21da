import type { Answer, ServedApi } from '../../src/apiserver/wire/served-api.fixture.ts'

export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[]
}

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** One method on one path, as the server's own OpenAPI describes it. */
export interface Operation {
  readonly method: string
  /** With `{namespace}` and `{name}`. */
  readonly path: string
  readonly query: readonly string[]
  readonly consumes: readonly string[]
  /** Undefined where there is no body. */
  readonly body: Schema | undefined
  readonly kind: GroupVersionKind
}

/** What may be asked, and what bodies are made of. */
export interface Described {
  readonly operations: readonly Operation[]
  readonly definitions: Readonly<Record<string, Schema>>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly schema?: Schema
}

interface PublishedOperation {
  readonly parameters: readonly Parameter[]
  readonly consumes: readonly string[]
  readonly 'x-kubernetes-group-version-kind': GroupVersionKind
}

interface Published {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PublishedOperation>>>>
  readonly definitions: Readonly<Record<string, Schema>>
}

export async function describedBy(api: ServedApi): Promise<Described> {
  const answer: Answer = await api.ask('/openapi/v2')
  const { paths, definitions } = JSON.parse(answer.text) as Published
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, published]): Operation => {
      const { parameters, consumes } = published
      return {
        method: method.toUpperCase(),
        path,
        consumes,
        kind: published['x-kubernetes-group-version-kind'],
        query: parameters.filter((p) => p.in === 'query').map(({ name }) => name),
        body: parameters.find((p) => p.in === 'body')?.schema,
      }
    }),
  )
  return { operations, definitions }
}
