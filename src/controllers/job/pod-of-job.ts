import type { Container, Job, Pod } from '../../api/generated/types.ts'
import {
  completionIndexKey,
  indexFailureCountAnnotation,
  jobTrackingFinalizer,
} from '../../api/names.ts'
import { newControllerRef } from '../../controller/controller-refs.ts'
import type { NewPod } from './plan-pods.ts'

/** What the server keeps of a name that it completes: the index has to be within that. */
const nameLengthMax = 58
const indexVariable = 'JOB_COMPLETION_INDEX'

/** The pod to create; the server makes its name from `generateName`. */
export function podOfJob(job: Job, { index, earlierFailures }: NewPod): Pod {
  const { name = '', namespace } = job.metadata
  const { metadata = {}, spec = { containers: [] } } = job.spec?.template ?? {}
  const suffix = index === undefined ? '-' : `-${index}-`
  const own = {
    generateName: name.slice(0, nameLengthMax - suffix.length) + suffix,
    namespace,
    finalizers: [...(metadata.finalizers ?? []), jobTrackingFinalizer],
    ownerReferences: [newControllerRef(job)],
  }
  const { labels, annotations } = metadata
  const pod = { apiVersion: 'v1', kind: 'Pod' }
  if (index === undefined) {
    return { ...pod, metadata: { ...own, labels, ...(annotations && { annotations }) }, spec }
  }
  const ofIndex = { [completionIndexKey]: String(index) }
  const failures = earlierFailures !== undefined && {
    [indexFailureCountAnnotation]: String(earlierFailures),
  }
  return {
    ...pod,
    metadata: {
      ...own,
      labels: { ...labels, ...ofIndex },
      annotations: { ...annotations, ...ofIndex, ...failures },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndexVariable) }),
    },
  }
}

/** The program learns its index from the environment. */
function withIndexVariable(container: Container): Container {
  const { env = [] } = container
  if (env.some(({ name }) => name === indexVariable)) return container
  const fieldRef = { fieldPath: `metadata.labels['${completionIndexKey}']` }
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef } }] }
}
