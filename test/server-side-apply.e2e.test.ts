import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { kubectlBinary } from './kubectl-binary.ts'
import { type KubectlAgainstApi, kubectlAgainstApi } from './kubectl-wire.fixture.ts'

interface Options {
  readonly name?: string
  readonly replicas?: number
  readonly image?: string
  readonly label?: string
}

function manifest({ name = 'app', replicas, image = 'app:1', label }: Options): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app: ${name}${label ? `, extra: ${label}` : ''}}
spec:
${replicas === undefined ? '' : `  replicas: ${replicas}\n`}  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
      - name: app
        image: ${image}
        ports:
        - containerPort: 8080
`
}

/** kubectl's advice after every conflict. */
const advice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
`

interface Owner {
  readonly manager: string
  readonly operation: string
  readonly subresource?: string
  readonly time: string
  readonly fieldsV1: { readonly 'f:spec'?: Readonly<Record<string, unknown>> }
}

describe('kubectl 1.36, server-side apply (H-15)', () => {
  let kubectl: KubectlAgainstApi

  beforeAll(async () => {
    vi.stubEnv('KUBE_EDITOR', 'sed -i -e "s/replicas: 3/replicas: 6/" -e s/app:2/app:3/')
    kubectl = await kubectlAgainstApi('36')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await kubectl.close()
  })

  const apply = (yaml: string, ...flags: string[]) =>
    kubectl.run(['apply', '--server-side', '-f', '-', ...flags], yaml)
  const get = async (name: string) =>
    JSON.parse(await kubectl.quiet('get', `deploy/${name}`, '-o', 'json', '--show-managed-fields'))
  const ownersOf = async (name: string): Promise<Owner[]> =>
    (await get(name)).metadata.managedFields
  const said = (stdout: string) => ({ code: 0, stdout, stderr: '' })
  const applied = (name: string) => said(`deployment.apps/${name} serverside-applied\n`)

  it('creates, says the same again without a write, and changes (G-04)', async () => {
    expect(await apply(manifest({ replicas: 3 }))).toEqual(applied('app'))
    const created = await get('app')
    expect(created.metadata.managedFields).toEqual([
      expect.objectContaining({ manager: 'kubectl', operation: 'Apply', fieldsType: 'FieldsV1' }),
    ])
    expect(await apply(manifest({ replicas: 3 }))).toEqual(applied('app'))
    expect(await get('app')).toEqual(created)
    expect(await apply(manifest({ replicas: 3, image: 'app:2' }))).toEqual(applied('app'))
    const changed = await get('app')
    expect(changed.spec.template.spec.containers[0].image).toBe('app:2')
    expect(changed.metadata.generation).toBe(2)
  })

  it('does not show managedFields unless asked for', async () => {
    expect(await kubectl.quiet('get', 'deploy/app', '-o', 'yaml')).not.toContain('managedFields')
  })

  it('scale and edit own what they change: an apply conflicts, or takes over', async () => {
    expect(await kubectl.quiet('scale', 'deploy/app', '--replicas=5')).toBe(
      'deployment.apps/app scaled\n',
    )
    expect(await apply(manifest({ replicas: 3, image: 'app:2' }))).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: Apply failed with 1 conflict: conflict with "${basename(kubectlBinary('36'))}" with subresource "scale" using apps/v1: .spec.replicas\n${advice}`,
    })
    expect(await apply(manifest({ replicas: 3, image: 'app:2' }), '--force-conflicts')).toEqual(
      applied('app'),
    )
    expect((await get('app')).spec.replicas).toBe(3)
    expect(await kubectl.run(['edit', 'deploy/app'])).toEqual(said('deployment.apps/app edited\n'))
    const { stderr } = await apply(manifest({ replicas: 3, image: 'app:2' }))
    expect(stderr).toBe(
      `error: Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:
- .spec.replicas
- .spec.template.spec.containers[name="app"].image
${advice}`,
    )
  })

  it('a field that is applied no more goes, unless somebody else owns it', async () => {
    const name = 'two'
    await apply(manifest({ name, replicas: 3, label: 'x' }))
    const other = await apply(manifest({ name, replicas: 3 }), '--field-manager', 'other')
    expect(other).toEqual(applied(name))
    await apply(manifest({ name }))
    const { metadata, spec } = await get(name)
    expect(metadata.labels).toEqual({ app: name })
    expect(spec.replicas).toBe(3)
    await apply(manifest({ name }), '--field-manager', 'other')
    expect((await get(name)).spec.replicas).toBe(1)
    expect((await ownersOf(name)).map(({ manager }) => manager)).toEqual(['kubectl', 'other'])
  })

  it('takes over what was applied client-side', async () => {
    const name = 'migrated'
    const file = await kubectl.file('migrated.yaml', manifest({ name, replicas: 2, label: 'x' }))
    await kubectl.quiet('apply', '-f', file)
    expect((await ownersOf(name)).map(({ manager }) => manager)).toEqual([
      'kubectl-client-side-apply',
    ])
    expect(await apply(manifest({ name, replicas: 4 }))).toEqual(applied(name))
    const { metadata, spec } = await get(name)
    expect(spec.replicas).toBe(4)
    expect(metadata.labels).toEqual({ app: name })
    const owners = metadata.managedFields as Owner[]
    expect(owners.map((owner) => `${owner.manager} ${owner.operation}`)).toEqual([
      'kubectl Apply',
      'kubectl-last-applied Apply',
    ])
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
    expect(JSON.parse(metadata.annotations[annotation]).spec.replicas).toBe(4)
  })

  it('--dry-run=server and diff --server-side show it and write nothing', async () => {
    const name = 'dry'
    const dry = await apply(manifest({ name }), '--dry-run=server')
    expect(dry).toEqual(said('deployment.apps/dry serverside-applied (server dry run)\n'))
    expect((await kubectl.run(['get', 'deploy/dry'])).code).toBe(1)
    await apply(manifest({ name, replicas: 2 }))
    const before = await get(name)
    const args = ['diff', '--server-side', '-f', '-']
    const same = await kubectl.run(args, manifest({ name, replicas: 2 }))
    expect(same).toEqual(said(''))
    const diff = await kubectl.run(args, manifest({ name, replicas: 7 }))
    expect(diff.code).toBe(1)
    expect(diff.stdout).toMatch(/^- {2}replicas: 2\n\+ {2}replicas: 7$/m)
    expect(await get(name)).toEqual(before)
  })

  it('refuses what the kind does not have', async () => {
    const yaml = `${manifest({ name: 'app' })}  nothing: 1\n`
    const { code, stderr } = await apply(yaml)
    expect(code).toBe(1)
    expect(stderr).toContain(
      'failed to create typed patch object (default/app; apps/v1, Kind=Deployment): .spec.nothing: field not declared in schema',
    )
  })
})
