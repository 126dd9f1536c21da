import type { Namespace, Service } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import { systemPriorityClasses } from '../api/priority-classes.ts'
import type { Resource } from '../api/resource.ts'
import { namespaces, priorityClasses, services } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import { createObject } from './create.ts'
import type { ServerContext } from './server-context.ts'
import { storeKey } from './store-keys.ts'

/** The manager of what the API creates by itself, by upstream's name. */
const fieldManager = 'kube-apiserver'

const namespaceNames = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/**
 * Creates what every cluster has, where it is missing: the first namespaces and the API's own
 * Service.
 */
export async function bootstrap(context: ServerContext): Promise<void> {
  await Promise.all(namespaceNames.map((name) => ensure(context, namespaces, namespace(name))))
  await ensure(context, services, apiService(context.serviceAllocator.apiAddress))
}

async function ensure<T extends KubeObject>(
  context: ServerContext,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  const { namespace, name = '' } = object.metadata
  if (context.store.get(storeKey(resource, { namespace, name }))) return
  try {
    await createObject(
      context,
      { resource, where: { namespace }, body: { object } },
      { fieldManager },
    )
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return
    // A quota with no room for what somebody deleted is no reason not to start.
    if (!isStatusError(error, 'Forbidden')) throw error
    context.log.warn('cannot create what every cluster has', { name, error: error.message })
  }
}

/** Brings the built-in priority classes into the store, where they are missing. */
export async function bootstrapPriorityClasses(context: ServerContext): Promise<void> {
  await Promise.all(systemPriorityClasses.map((one) => ensure(context, priorityClasses, one)))
}

function namespace(name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

/** Without a selector: who runs the API publishes its endpoints. */
function apiService(clusterIP: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      clusterIP,
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    },
  }
}
