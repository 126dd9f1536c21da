import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fieldsIn } from './protobuf/reader.ts'
import { type ServedApi, serveApi } from './served-api.fixture.ts'

// Megabytes go over the wire, also on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 })

let api: ServedApi

beforeAll(async () => {
  api = await serveApi()
})
afterAll(() => api.close())

const get = async (path: string, accept?: string) => {
  const answer = await api.ask(path, accept ? { headers: { accept } } : {})
  return { ...answer, body: JSON.parse(answer.text) }
}
const aggregated = (version: string) =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`

describe('plain discovery (H-01)', () => {
  it('lists versions, groups and resources', async () => {
    expect((await get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    const { groups } = (await get('/apis')).body
    expect(groups.map((group: { name: string }) => group.name)).toEqual(
      expect.arrayContaining([
        'apps',
        'coordination.k8s.io',
        'discovery.k8s.io',
        'policy',
        'rbac.authorization.k8s.io',
      ]),
    )
    expect((await get('/apis/apps')).body).toMatchObject({
      kind: 'APIGroup',
      name: 'apps',
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    })
  })

  it('describes a resource and its subresources (H-16)', async () => {
    const { resources } = (await get('/apis/apps/v1')).body
    const byName = Object.fromEntries(resources.map((r: { name: string }) => [r.name, r]))
    expect(byName.deployments).toEqual({
      name: 'deployments',
      singularName: 'deployment',
      namespaced: true,
      kind: 'Deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
    })
    expect(byName['deployments/scale']).toMatchObject({
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    })
  })
})

it('/ says where there is something to read, and it is there', async () => {
  const { paths } = (await get('/')).body
  expect(paths).toEqual(
    expect.arrayContaining(['/api/v1', '/apis/apps', '/openapi/v3/apis/apps/v1']),
  )
  for (const path of paths) expect([path, (await api.ask(path)).code]).toEqual([path, 200])
})

describe('aggregated discovery (H-01)', () => {
  it.each(['v2', 'v2beta1'])('%s, with its parameters in the content type', async (version) => {
    const { headers, body } = await get('/apis', `${aggregated(version)},application/json`)
    expect(headers['content-type']).toBe(aggregated(version))
    expect(body).toMatchObject({
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
    })
    const [apps] = body.items
    expect(apps.versions[0]).toMatchObject({ version: 'v1', freshness: 'Current' })
    expect(apps.versions[0].resources[0]).toMatchObject({
      resource: 'deployments',
      scope: 'Namespaced',
      responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    })
  })

  it('the core group alone is at /api', async () => {
    const { body } = await get('/api', aggregated('v2'))
    expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      '',
    ])
  })

  it('an unknown version falls back to the plain form', async () => {
    expect((await get('/api', `${aggregated('v3')},application/json`)).body.kind).toBe(
      'APIVersions',
    )
  })

  it('is not sent again to a client that has it', async () => {
    const { headers } = await get('/apis')
    const again = await api.ask('/apis', { headers: { 'if-none-match': String(headers.etag) } })
    expect([again.code, again.text]).toEqual([304, ''])
  })
})

describe('OpenAPI (H-04)', () => {
  const deployment = 'io.k8s.api.apps.v1.Deployment'

  it('v3: the index leads to documents by hash', async () => {
    const { paths } = (await get('/openapi/v3')).body
    const { serverRelativeURL } = paths['apis/apps/v1']
    expect(serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/)
    expect((await get(serverRelativeURL)).body.openapi).toBe('3.0.0')
  })

  it.each([
    ['v3', '/openapi/v3/apis/apps/v1'],
    ['v2', '/openapi/v2'],
  ])(
    '%s: PATCH announces fieldValidation and dryRun, or kubectl validates by itself',
    async (_, path) => {
      const { paths } = (await get(path)).body
      const { patch } = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']
      const kind = { group: 'apps', version: 'v1', kind: 'Deployment' }
      expect(patch['x-kubernetes-group-version-kind']).toEqual(kind)
      const names = patch.parameters.map((parameter: { name: string }) => parameter.name)
      expect(names).toEqual(
        expect.arrayContaining(['fieldValidation', 'dryRun', 'name', 'namespace']),
      )
    },
  )

  it('v3: schemas tell how to patch (H-13) and which kind they are', async () => {
    const { schemas } = (await get('/openapi/v3/apis/apps/v1')).body.components
    expect(schemas[deployment]['x-kubernetes-group-version-kind']).toEqual([
      { group: 'apps', version: 'v1', kind: 'Deployment' },
    ])
    expect(schemas['io.k8s.api.core.v1.PodSpec'].properties.containers).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(schemas['io.k8s.api.core.v1.PodSpec'].properties.volumes).toMatchObject({
      'x-kubernetes-patch-strategy': 'merge,retainKeys',
    })
    expect(schemas['io.k8s.api.apps.v1.DeploymentSpec'].properties.strategy).toMatchObject({
      'x-kubernetes-patch-strategy': 'retainKeys',
    })
  })

  it('v3: schemas tell how server-side apply takes lists and maps (H-15)', async () => {
    const { schemas } = (await get('/openapi/v3/apis/apps/v1')).body.components
    const extensionsOf = (model: string, field: string) =>
      Object.entries(schemas[model].properties[field])
        .filter(([name]) => /^x-kubernetes-(?:list|map)/.test(name))
        .map(([name, value]) => `${name.slice(13)}=${value}`)
    const core = 'io.k8s.api.core.v1'
    expect(extensionsOf(`${core}.Container`, 'ports')).toEqual([
      'list-map-keys=containerPort,protocol',
      'list-type=map',
    ])
    expect(extensionsOf(`${core}.PodSpec`, 'tolerations')).toEqual(['list-type=atomic'])
    expect(extensionsOf(`${core}.PodSpec`, 'nodeSelector')).toEqual(['map-type=atomic'])
    const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
    expect(extensionsOf(`${meta}.ObjectMeta`, 'finalizers')).toEqual(['list-type=set'])
    expect(schemas[`${meta}.LabelSelector`]['x-kubernetes-map-type']).toBe('atomic')
  })

  it.each([
    ['v3', '/openapi/v3/apis/apps/v1'],
    ['v2', '/openapi/v2'],
  ])('%s: fields and kinds come with their prose, for kubectl explain', async (_, path) => {
    const { body } = await get(path)
    const schemas = body.definitions ?? body.components.schemas
    expect(schemas[deployment].description).toBe(
      'Deployment enables declarative updates for Pods and ReplicaSets.',
    )
    expect(schemas['io.k8s.api.apps.v1.DeploymentSpec'].properties.paused).toEqual({
      description: 'Indicates that the deployment is paused.',
      type: 'boolean',
    })
    expect(schemas[`${deployment}List`]).toMatchObject({
      required: ['items'],
      'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'DeploymentList' }],
    })
  })

  it.each([
    ['apps/v1/namespaces/{namespace}/deployments', 'get', 'listAppsV1NamespacedDeployment'],
    ['apps/v1/deployments', 'get', 'listAppsV1DeploymentForAllNamespaces'],
    [
      'apps/v1/namespaces/{namespace}/deployments/{name}/scale',
      'put',
      'replaceAppsV1NamespacedDeploymentScale',
    ],
    [
      'apps/v1/namespaces/{namespace}/deployments',
      'delete',
      'deleteAppsV1CollectionNamespacedDeployment',
    ],
    ['api/v1/nodes/{name}', 'get', 'readCoreV1Node'],
    [
      'api/v1/namespaces/{namespace}/pods/{name}/exec',
      'post',
      'connectCoreV1PostNamespacedPodExec',
    ],
    [
      'api/v1/namespaces/{namespace}/pods/{name}/binding',
      'post',
      'createCoreV1NamespacedPodBinding',
    ],
  ])('v2: %s %s is %s, as client generators know it', async (path, method, id) => {
    const { paths } = (await get('/openapi/v2')).body
    const full = path.startsWith('api/') ? `/${path}` : `/apis/${path}`
    expect(paths[full][method].operationId).toBe(id)
  })

  it('v3: closed lists of values are published, each for a field that is there', async () => {
    const { schemas } = (await get('/openapi/v3/apis/apps/v1')).body.components
    expect(schemas['io.k8s.api.apps.v1.DeploymentStrategy'].properties.type.enum).toEqual([
      'Recreate',
      'RollingUpdate',
    ])
  })

  it('is compressed for whoever can read that', async () => {
    const zipped = await api.ask('/openapi/v2', { headers: { 'accept-encoding': 'gzip' } })
    const plain = await get('/openapi/v2')
    expect(zipped.headers).toMatchObject({
      'content-encoding': 'gzip',
      etag: plain.headers.etag,
    })
    expect(Number(zipped.headers['content-length'])).toBeLessThan(plain.text.length / 5)
    const refused = await api.ask('/openapi/v2', { headers: { 'accept-encoding': 'gzip;q=0' } })
    expect(refused.headers['content-encoding']).toBeUndefined()
  })

  it.each([
    ['v3', '/openapi/v3/api/v1'],
    ['v3', '/openapi/v3/apis/apps/v1'],
    ['v2', '/openapi/v2'],
  ])('%s: every reference in %s leads somewhere', async (_, path) => {
    const { text, body } = await get(path)
    const names = new Set(Object.keys(body.definitions ?? body.components.schemas))
    for (const [, name] of text.matchAll(/"\$ref":"#\/[\w/]+\/([\w.]+)"/g)) {
      expect(names).toContain(name)
    }
  })

  it('v2 as protobuf says what v2 as JSON says (H-04)', async () => {
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const { headers, bytes } = await api.ask('/openapi/v2', { headers: { accept } })
    expect(headers['content-type']).toBe(accept.replace('@', '.'))
    const partsOf = (message: Buffer, wanted: number) =>
      [...fieldsIn(message)].filter(({ number }) => number === wanted).map(({ value }) => value)
    const [swagger, paths, definitions] = [1, 8, 9].map((number) => partsOf(bytes, number)[0])
    expect(String(swagger)).toBe('2.0')
    const { body } = await get('/openapi/v2')
    const namesIn = (map: unknown, number: number) =>
      partsOf(map as Buffer, number).map((pair) => String(partsOf(pair as Buffer, 1)[0]))
    expect(namesIn(paths, 2)).toEqual(Object.keys(body.paths))
    expect(namesIn(definitions, 1)).toEqual(Object.keys(body.definitions))
  })
})

it('/version is readable by Helm and says who answers (H-03)', async () => {
  const { body } = await get('/version')
  expect(body).toMatchObject({ major: '1', minor: '35', gitVersion: 'v1.35.0+astern.0.1.0' })
})
