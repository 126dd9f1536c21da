import { createHmac } from 'node:crypto'
import type { ConfigMap, PodSpec, PodTemplateSpec, Secret } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { digest } from '../template.ts'

/** What a template reads besides itself: names of objects in its namespace, sorted. */
export interface References {
  readonly configMaps: readonly string[]
  readonly secrets: readonly string[]
  readonly claims: readonly string[]
  /** undefined: the namespace's default. */
  readonly serviceAccount: string | undefined
  /** Names in `configMaps` and `secrets` (as `configmap/x`, `secret/x`) that may be missing. */
  readonly optional: ReadonlySet<string>
  /** ConfigMaps that a volume shows: running pods see a change of them at once. */
  readonly mounted: ReadonlySet<string>
}

interface Reference {
  readonly kind: 'configmap' | 'secret'
  readonly name: string | undefined
  readonly optional?: boolean | undefined
  readonly isMounted?: boolean
}

export function referencesOf(template: PodTemplateSpec): References {
  const spec = template.spec ?? { containers: [] }
  const all = [...environmentReferences(spec), ...volumeReferences(spec)]
  const named = (kind: Reference['kind'], list = all) => [
    ...new Set(list.flatMap((each) => (each.kind === kind && each.name ? [each.name] : []))),
  ]
  const keys = (list: readonly Reference[]) =>
    new Set(list.map(({ kind, name }) => `${kind}/${name}`))
  const needed = keys(all.filter(({ optional }) => !optional))
  return {
    configMaps: named('configmap').sort(),
    secrets: named('secret').sort(),
    claims: (spec.volumes ?? [])
      .flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])
      .sort(),
    serviceAccount: spec.serviceAccountName || spec.serviceAccount || undefined,
    optional: new Set([...keys(all)].filter((key) => !needed.has(key))),
    mounted: new Set(
      named(
        'configmap',
        all.filter(({ isMounted }) => isMounted),
      ),
    ),
  }
}

function environmentReferences(spec: PodSpec): readonly Reference[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const pulls = (spec.imagePullSecrets ?? []).map(
    ({ name }): Reference => ({ kind: 'secret', name, optional: true }),
  )
  const read = containers.flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [
      ...reference('configmap', configMapRef),
      ...reference('secret', secretRef),
    ]),
    ...env.flatMap(({ valueFrom }) => [
      ...reference('configmap', valueFrom?.configMapKeyRef),
      ...reference('secret', valueFrom?.secretKeyRef),
    ]),
  ])
  return [...read, ...pulls]
}

function volumeReferences(spec: PodSpec): readonly Reference[] {
  const found = (spec.volumes ?? []).flatMap(({ configMap, secret, projected }) => [
    ...reference('configmap', configMap),
    ...reference('secret', secret && { name: secret.secretName, optional: secret.optional }),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...reference('configmap', source.configMap),
      ...reference('secret', source.secret),
    ]),
  ])
  return found.map((each) => ({ ...each, isMounted: true }))
}

function reference(
  kind: Reference['kind'],
  to: { readonly name?: string | undefined; readonly optional?: boolean | undefined } | undefined,
): readonly Reference[] {
  return to?.name ? [{ kind, name: to.name, optional: to.optional }] : []
}

export type ConfigContent = Pick<ConfigMap, 'data' | 'binaryData'>

/** Only the content: labels, annotations and `immutable` are not what a program reads. */
export function contentOf({ data, binaryData }: ConfigContent): ConfigContent {
  return { ...(data && { data }), ...(binaryData && { binaryData }) }
}

/** The content that a manifest of a ConfigMap gives it. */
export function manifestContent({ data, binaryData }: JsonObject): ConfigContent {
  return contentOf({
    ...(isJsonObject(data) && { data: data as { readonly [key: string]: string } }),
    ...(isJsonObject(binaryData) && {
      binaryData: binaryData as { readonly [key: string]: string },
    }),
  })
}

/** The name of a content: 16 hex digits, the same for the same content. */
export function contentDigest(content: ConfigContent): string {
  return digest(contentOf(content)).slice(0, 16)
}

/**
 * Says whether a Secret has changed, and nothing else: keyed, for a short password could be guessed
 * from a plain hash. `key` is kept in a Secret of the namespace.
 */
export function secretHash(secret: Secret, key: string): string {
  return createHmac('sha256', key)
    .update(digest(secret.data ?? {}))
    .digest('hex')
    .slice(0, 32)
}
