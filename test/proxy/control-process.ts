import { givenTraffic } from './given-traffic.ts'

/**
 * `DATA_DIR NAME=PORT...`: a control plane with a Service `web`; prints its cluster IP when it
 * serves.
 */
const [dataDir = '', ...pods] = process.argv.slice(2)
const { service, pod, traffic } = await givenTraffic({ dataDir })
const { spec } = await service('web')
for (const text of pods) {
  const [name = '', port] = text.split('=')
  await pod(name, { app: 'web', port: Number(port) })
}
for (;;) {
  const rows = await traffic.stats.snapshot()
  if (rows.filter((row) => row.inTraffic).length === pods.length) break
  await new Promise((resolve) => setTimeout(resolve, 20))
}
console.log(spec?.clusterIP)
