import { deployments, startCluster } from 'astern'
import { expect, test } from 'vitest'

test('a Deployment of three becomes available', async () => {
  const cluster = await startCluster({ runtime: 'simulated' })
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
  const spec = { replicas: 3, selector: { matchLabels: labels }, template }
  const where = { namespace: 'default' }
  const metadata = { name: 'web' }
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata }
  await cluster.client.create(deployments, where, { ...web, spec })
  const ready = async () => (await cluster.client.list(deployments, {})).items[0]?.status
  await expect.poll(ready).toMatchObject({ availableReplicas: 3 })
  await cluster.stop()
})
