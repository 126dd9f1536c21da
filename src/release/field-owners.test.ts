import { describe, expect, test } from 'vitest'
import { parseJson, stringifyJson } from '../api/json.ts'
import { Shared } from '../api/managed-fields/appliers.fixture.ts'
import type { KubeObject } from '../api/object.ts'
import { deployments } from '../api/scheme.ts'
import { withoutOthersFields, writersOf } from './field-owners.ts'

const manifest = (image: string, replicas: number) => ({
  spec: {
    replicas,
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' } },
      spec: { containers: [{ name: 'app', image }] },
    },
  },
})

/** The object as the server shows it, `kind` and owners included. */
function shown(shared: Shared): KubeObject {
  const { metadata, ...rest } = shared.object
  const object = { ...rest, apiVersion: 'apps/v1', kind: 'Deployment' }
  return {
    ...object,
    metadata: { ...(metadata as object), managedFields: shared.managers },
  } as unknown as KubeObject
}

/** The object with one text in its JSON exchanged. */
const exchanged = (from: string, to: string) => (object: object) =>
  parseJson(stringifyJson(object).replace(from, to)) as never

const env = (name: string) => exchanged('"image":', `"env":[{"name":"${name}"}],"image":`)

/** An autoscaler's write, as the server notes it. */
function scaled(shared: Shared, manager: string): KubeObject {
  shared.update(manager, exchanged('"replicas":3', '"replicas":5'))
  const object = shown(shared)
  const managedFields = object.metadata.managedFields?.map((entry) =>
    entry.manager === manager ? { ...entry, subresource: 'scale' } : entry,
  )
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

describe('what is no matter between live and Git', () => {
  const deployed = () => new Shared(deployments).apply('ci', manifest('app:1', 3))

  test('the size that an autoscaler set, by whatever name; not the one a person set', () => {
    for (const [manager, isLeftOut] of [
      ['kube-controller-manager', true],
      ['keda-operator', true],
      ['kubectl', false],
      ['k9s', false],
    ] as const) {
      const { git, live } = withoutOthersFields(scaled(deployed(), manager), manifest('app:1', 3))
      const sizes = [git, live].map(({ spec }) => (spec as { replicas?: number }).replicas)
      expect({ manager, sizes }).toEqual({
        manager,
        sizes: isLeftOut ? [undefined, undefined] : [3, 5],
      })
    }
  })

  test('what only another program put in; not what a person put in', () => {
    const seen = (manager: string) => {
      const object = shown(deployed().update(manager, env('X')))
      return stringifyJson(withoutOthersFields(object, manifest('app:1', 3)).live.spec ?? {})
    }
    expect(seen('Reloader')).not.toContain('"env"')
    expect(seen('kubectl-edit')).toContain('"env"')
  })

  test('whoever writes what Git gives is held to Git', () => {
    const object = shown(deployed().update('image-bot', exchanged('app:1', 'app:9')))
    const { live } = withoutOthersFields(object, manifest('app:1', 3))
    expect(stringifyJson(live)).toContain('app:9')
  })

  test('without owners both stay whole', () => {
    const { metadata, ...rest } = shown(deployed())
    const object = { ...rest, metadata: { name: 'app' } } as KubeObject
    const git = manifest('app:2', 1)
    expect(withoutOthersFields(object, git)).toEqual({ git, live: object })
    expect(writersOf(object, git)).toEqual([])
  })
})

test('who wrote which of the fields that differ, the last one first', () => {
  const shared = new Shared(deployments).apply('ci', manifest('app:1', 3))
  const git = shared.object
  shared.update('kubectl-edit', env('X')).update('kubectl-set', exchanged('app:1', 'app:9'))
  const at = expect.stringMatching(/^\d{4}-/)
  const container = '.spec.template.spec.containers[name="app"]'
  expect(writersOf(shown(shared), git)).toEqual([
    { manager: 'kubectl-set', at, fields: [`${container}.image`] },
    { manager: 'kubectl-edit', at, fields: [`${container}.env[name="X"].name`] },
  ])
})
