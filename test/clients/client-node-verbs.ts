import {
  AppsV1Api,
  type Informer,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
} from '@kubernetes/client-node'
import { expect } from 'vitest'

const shop: V1Deployment = {
  metadata: { name: 'shop', labels: { app: 'shop' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: { containers: [{ name: 'shop', image: 'shop:1' }] },
    },
  },
}

/** A program on the JavaScript client, with an informer over the Deployments of its namespace. */
export class JavaScriptClient {
  readonly namespace: string
  readonly api: AppsV1Api
  readonly seen: string[] = []
  readonly #informer: Informer<V1Deployment>

  constructor(kubeconfig: string, namespace: string) {
    this.namespace = namespace
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    this.api = config.makeApiClient(AppsV1Api)
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
    const list = () => this.api.listNamespacedDeployment({ namespace })
    this.#informer = makeInformer(config, path, list)
    for (const verb of ['add', 'update', 'delete'] as const) {
      this.#informer.on(verb, ({ metadata, spec, status }) => {
        const ready = `${status?.availableReplicas ?? 0}/${spec?.replicas}`
        this.seen.push(`${verb} ${metadata?.name} ${ready}`)
      })
    }
  }

  start(): Promise<void> {
    return this.#informer.start()
  }

  stop(): Promise<void> {
    return this.#informer.stop()
  }

  sees(event: RegExp): Promise<void> {
    return expect.poll(() => this.seen.at(-1), { timeout: 20_000 }).toMatch(event)
  }
}

type Verb = (client: JavaScriptClient) => Promise<void>

export const clientNodeVerbs: Readonly<Record<string, Verb>> = {
  'informer starts and sees what is there': async (client) => {
    const { api, namespace } = client
    await api.createNamespacedDeployment({ namespace, body: shop })
    await client.start()
    await client.sees(/^(?:add|update) shop 2\/2$/)
  },
  'informer sees a change': async (client) => {
    const { api, namespace } = client
    await api.patchNamespacedDeployment(
      { name: 'shop', namespace, body: { spec: { replicas: 3 } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    )
    await client.sees(/^update shop 3\/3$/)
  },
  'typed read, replace and a conflict': async ({ api, namespace }) => {
    const body = await api.readNamespacedDeployment({ name: 'shop', namespace })
    expect(body.status?.readyReplicas).toBe(3)
    const labels = { ...body.metadata?.labels, tier: 'front' }
    const metadata = { ...body.metadata, labels }
    await api.replaceNamespacedDeployment({ name: 'shop', namespace, body: { ...body, metadata } })
    const stale = { ...body, metadata: { ...metadata, resourceVersion: '1' } }
    await expect(
      api.replaceNamespacedDeployment({ name: 'shop', namespace, body: stale }),
    ).rejects.toMatchObject({ code: 409 })
  },
  'scale through its subresource': async (client) => {
    const { api, namespace } = client
    const name = 'shop'
    const scale = await api.readNamespacedDeploymentScale({ name, namespace })
    const body = { ...scale, spec: { replicas: 1 } }
    await api.replaceNamespacedDeploymentScale({ name, namespace, body })
    await client.sees(/^update shop 1\/1$/)
  },
  'informer sees a deletion': async (client) => {
    const { api, namespace } = client
    await api.deleteNamespacedDeployment({ name: 'shop', namespace })
    await client.sees(/^delete shop /)
  },
}
