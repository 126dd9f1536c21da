import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { apiVersionOf, qualifiedPlural } from '../../api/resource.ts'
import { clusterRoleBindings, roleBindings } from '../../api/scheme.ts'
import { roleBinding, user } from '../auth/given-access.fixture.ts'
import { transportFor } from '../in-process-transport.ts'
import { caller } from '../server.fixture.ts'
import { type ServedResource, servedResources, subresourceOf, type Verb } from './served.ts'
import { type ServedApi, serveApi } from './served-api.fixture.ts'

// A thousand requests, also on a machine that is busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** What upstream's roles say of the resources that are served. */
const everybody = [
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
]
const writtenByEditors = [
  'configmaps',
  'cronjobs.batch',
  'daemonsets.apps',
  'deployments.apps',
  'events',
  'horizontalpodautoscalers.autoscaling',
  'ingresses.networking.k8s.io',
  'jobs.batch',
  'networkpolicies.networking.k8s.io',
  'persistentvolumeclaims',
  'poddisruptionbudgets.policy',
  'pods',
  'replicasets.apps',
  'replicationcontrollers',
  'serviceaccounts',
  'services',
  'statefulsets.apps',
]
const readByViewers = [
  ...writtenByEditors,
  'controllerrevisions.apps',
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'limitranges',
  'namespaces',
  'resourcequotas',
]
const onlyForEditors = ['leases.coordination.k8s.io', 'secrets']
const onlyForAdmins = ['rolebindings.rbac.authorization.k8s.io', 'roles.rbac.authorization.k8s.io']

const readVerbs: readonly Verb[] = ['get', 'list', 'watch']
const writeVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'patch', 'update']

interface Powers {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

const powers: Readonly<Record<string, Powers>> = {
  view: { reads: readByViewers, writes: [] },
  edit: {
    reads: [...readByViewers, ...onlyForEditors],
    writes: [...writtenByEditors, ...onlyForEditors],
  },
  admin: {
    reads: [...readByViewers, ...onlyForEditors, ...onlyForAdmins],
    writes: [...writtenByEditors, ...onlyForEditors, ...onlyForAdmins],
  },
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi()
  await api.server.bootstrapBuiltIns()
  const transport = transportFor(api.server, caller)
  for (const role of Object.keys(powers)) {
    const { metadata: _, ...bound } = roleBinding(role, `ClusterRole/${role}`, user(`${role}er`))
    const binding = { ...bound, kind: 'ClusterRoleBinding', metadata: { name: `${role}er` } }
    await transport.create(clusterRoleBindings, {}, binding)
    const here = roleBinding(role, `ClusterRole/${role}`, user(`local-${role}er`))
    await transport.create(roleBindings, { namespace: 'default' }, here)
  }
})
afterAll(() => api.close())

const methods: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

interface Try {
  readonly served: ServedResource
  readonly verb: Verb
  readonly subresource?: string
  readonly namespace?: string
}

/** True when the request is let in, whatever becomes of it then. */
async function isLetIn(who: string, attempt: Try): Promise<boolean> {
  const { served, verb, subresource, namespace = 'default' } = attempt
  const { resource } = served
  const root = `${resource.group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}`
  const place = resource.namespaced ? `/namespaces/${namespace}` : ''
  const isCollection = ['list', 'watch', 'create', 'deletecollection'].includes(verb)
  const name = isCollection && !subresource ? '' : '/absent'
  const watch = verb === 'watch' ? '&watch=true&timeoutSeconds=1' : ''
  const path = `${root}${place}/${resource.plural}${name}${subresource ? `/${subresource}` : ''}`
  const hasBody = ['create', 'update', 'patch'].includes(verb)
  const type = verb === 'patch' ? 'application/merge-patch+json' : 'application/json'
  const { code, text } = await api.ask(`${path}?dryRun=All${watch}`, {
    method: methods[verb],
    headers: { 'impersonate-user': who, ...(hasBody && { 'content-type': type }) },
    ...(hasBody && { body: '{}' }),
  })
  const isRefused = code === 403 && text.includes(`User \\"${who}\\" cannot ${verb} resource`)
  return !isRefused
}

async function verbsOf(who: string, served: ServedResource, namespace?: string): Promise<Verb[]> {
  const tried = await Promise.all(
    served.verbs.map(async (verb) => {
      const attempt = { served, verb, ...(namespace && { namespace }) }
      return (await isLetIn(who, attempt)) ? [verb] : []
    }),
  )
  return tried.flat()
}

function expectedVerbs(role: string, { resource, verbs }: ServedResource): readonly Verb[] {
  const name = qualifiedPlural(resource)
  const { reads = [], writes = [] } = powers[role] ?? {}
  const mayAsk = [...everybody]
  if (role === 'admin') mayAsk.push('localsubjectaccessreviews.authorization.k8s.io')
  return verbs.filter(
    (verb) =>
      (readVerbs.includes(verb) && reads.includes(name)) ||
      (writeVerbs.includes(verb) && writes.includes(name)) ||
      (verb === 'create' && mayAsk.includes(name)),
  )
}

describe.each(Object.keys(powers))('who has the role %s', (role) => {
  test('may do with every kind what upstream’s role says, and nothing else', async () => {
    const served = servedResources()
    const asked = served.map(async (one) => [
      qualifiedPlural(one.resource),
      (await verbsOf(`${role}er`, { ...one })).join(' '),
    ])
    const expected = served.map((one) => [
      qualifiedPlural(one.resource),
      expectedVerbs(role, one).join(' '),
    ])
    expect(await Promise.all(asked)).toEqual(expected)
  })

  test('has it in one namespace only, when it is bound there', async () => {
    const pods = servedResources().filter(({ resource }) => resource.plural === 'pods')
    for (const served of pods) {
      const here = expectedVerbs(role, served)
      expect(await verbsOf(`local-${role}er`, served)).toEqual(here)
      expect(await verbsOf(`local-${role}er`, served, 'kube-system')).toEqual([])
    }
  })
})

test('who has the role view can change nothing through any subresource, and enters no pod', async () => {
  const letIn: string[] = []
  for (const served of servedResources()) {
    for (const subresource of served.subresources) {
      for (const verb of subresourceOf(served, subresource).verbs) {
        const what = `${verb} ${served.resource.plural}/${subresource}`
        if (await isLetIn('viewer', { served, verb, subresource })) letIn.push(what)
      }
    }
  }
  expect(letIn.filter((what) => !what.startsWith('get '))).toEqual([])
  expect(letIn).toContain('get pods/log')
  for (const subresource of ['exec', 'attach', 'portforward']) {
    expect(letIn).not.toContain(`get pods/${subresource}`)
  }
})
