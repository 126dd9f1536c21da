import { expect } from 'vitest'
import type { McpProgram } from './mcp-program.ts'

const deployment = (namespace: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace,
  name: 'shop',
})

const manifest = (namespace: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: ${namespace}}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "shop:1"}]}
`

type Verb = (program: McpProgram, namespace: string) => Promise<void>

/** What the program does with client-go: discovery, a REST mapper, dynamic and typed clients. */
export const clientGoVerbs: Readonly<Record<string, Verb>> = {
  'apply (server-side)': async (program, namespace) => {
    const text = await program.call('resources_create_or_update', { resource: manifest(namespace) })
    expect(text).toContain('operation: Apply')
  },
  'get a Deployment': async (program, namespace) => {
    const text = await program.call('resources_get', deployment(namespace))
    expect(text).toContain('image: shop:1')
    expect(text).toContain('maxSurge: 25%')
  },
  'list Deployments as a table': async (program, namespace) => {
    const { name: _, ...where } = deployment(namespace)
    const text = await program.call('resources_list', where)
    expect(text).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR/)
  },
  'list Namespaces': async (program, namespace) => {
    expect(await program.call('namespaces_list', {})).toMatch(new RegExp(`${namespace} +Active`))
  },
  'scale up and wait for pods': async (program, namespace) => {
    const text = await program.call('resources_scale', { ...deployment(namespace), scale: 3 })
    expect(text).toMatch(/kind: Scale[\s\S]*replicas: 3/)
    await expect
      .poll(() => program.call('pods_list_in_namespace', { namespace }), { timeout: 20_000 })
      .toMatch(/(?:shop-\S+ +1\/1 +Running[\s\S]*){3}/)
  },
  'list Events': async (program, namespace) => {
    const list = () => program.call('events_list', { namespace })
    await expect.poll(list, { timeout: 20_000 }).toContain('Reason: ScalingReplicaSet')
  },
  'run a Pod, read and delete it': async (program, namespace) => {
    const pod = { namespace, name: 'one' }
    await program.call('pods_run', { ...pod, image: 'shop:1' })
    expect(await program.call('pods_get', pod)).toContain('kind: Pod')
    expect(await program.call('pods_delete', pod)).toContain('deleted')
  },
  'delete a Deployment': async (program, namespace) => {
    await program.call('resources_delete', deployment(namespace))
    await expect(program.call('resources_get', deployment(namespace))).rejects.toThrow(
      'deployments.apps "shop" not found',
    )
  },
}
