import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { ownedBy } from './given-world.fixture.ts'

const template = { spec: { containers: [{ name: 'app', image: 'app:1' }] } }
const revisionAnnotation = 'deployment.kubernetes.io/revision'

export function deployment({ revision, ...metadata }: GivenMetadata = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', uid: 'app', ...metadata, ...numbered(revision) },
    spec: { selector: {}, replicas: 4, strategy: { type: 'Recreate' }, template },
  }
}

interface GivenMetadata {
  readonly revision?: number
  readonly deletionTimestamp?: string
}

/** Of `deployment`, with its template. */
export function replicaSet(
  name: string,
  { revision, replicas = 0 }: { readonly revision?: number; readonly replicas?: number } = {},
): ReplicaSet {
  const ownerReferences = ownedBy('Deployment', 'app')
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, uid: name, ownerReferences, ...numbered(revision) },
    spec: { selector: {}, replicas, template },
  }
}

function numbered(revision: number | undefined) {
  return revision ? { annotations: { [revisionAnnotation]: String(revision) } } : {}
}
