import { apiVersionOf } from '../../src/api/resource.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import { servedResources } from '../../src/apiserver/wire/served.ts'
import type { ServedApi } from '../../src/apiserver/wire/served-api.fixture.ts'

const caller = { user: 'fuzz', groups: [], userAgent: 'fuzz' }
const labels = { app: 'one' }
const pod = { containers: [{ name: 'one', image: 'one:1' }] }
const template = { metadata: { labels }, spec: pod }
const workload = { selector: { matchLabels: labels }, template }

/** What objects need beside a name; a kind that needs more than is said here is just not there. */
export const specs: Readonly<Record<string, object>> = {
  Pod: { spec: pod },
  Deployment: { spec: workload },
  ReplicaSet: { spec: workload },
  ReplicationController: { spec: { template } },
  StatefulSet: { spec: workload },
  DaemonSet: { spec: workload },
  Service: { spec: { ports: [{ port: 80 }] } },
  ControllerRevision: { revision: 1, data: {} },
  EndpointSlice: { addressType: 'IPv4', endpoints: [] },
  CronJob: {
    spec: {
      schedule: '@daily',
      jobTemplate: { spec: { template: { spec: { ...pod, restartPolicy: 'Never' } } } },
    },
  },
  ResourceQuota: { spec: { hard: { services: '100' } } },
  HorizontalPodAutoscaler: {
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'one' }, maxReplicas: 2 },
  },
  Ingress: { spec: { defaultBackend: { service: { name: 'one', port: { number: 80 } } } } },
  IngressClass: { spec: { controller: 'example.com/one' } },
  PersistentVolume: {
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      hostPath: { path: '/one' },
    },
  },
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  PriorityClass: { value: 1 },
  StorageClass: { provisioner: 'example.com/one' },
  Job: { spec: { template: { spec: { ...pod, restartPolicy: 'Never' } } } },
}

/** One object named `one` of each kind, for requests to be about. */
export async function plantObjects({ server }: ServedApi): Promise<void> {
  for (const { resource } of servedResources()) {
    const apiVersion = apiVersionOf(resource)
    const { kind, namespaced } = resource
    const object = { apiVersion, kind, metadata: { name: 'one' }, ...specs[kind] }
    const where = namespaced ? { namespace: 'default' } : {}
    try {
      await server.create(caller, resource, where, { object }, {})
    } catch (error) {
      if (!isStatusError(error)) throw error
    }
  }
}

/** Deletes everything in the namespace again. */
export async function uprootObjects({ server }: ServedApi): Promise<void> {
  for (const { resource } of servedResources()) {
    const where = resource.namespaced ? { namespace: 'default' } : {}
    if (resource.kind === 'Namespace') continue
    await server.deleteCollection(caller, resource, where, { gracePeriodSeconds: 0 })
  }
}
