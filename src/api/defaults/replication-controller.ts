import type { ReplicationController } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'
import { defaultPodTemplate } from './pod-template.ts'

/**
 * One pod, and what its template says of labels: of the controller itself, and of what it wants.
 */
export function defaultReplicationController(
  controller: ReplicationController,
): ReplicationController {
  const labels = controller.spec?.template?.metadata?.labels
  const selected = change(controller, 'spec', (spec) => {
    const filled = fill(spec, { replicas: 1, ...(labels && { selector: labels }) })
    return change(filled, 'template', defaultPodTemplate)
  })
  return labels ? change(selected, 'metadata', (metadata) => fill(metadata, { labels })) : selected
}
