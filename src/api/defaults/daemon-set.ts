import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'
import { defaultPodTemplate } from './pod-template.ts'

function defaultStrategy(strategy: DaemonSetUpdateStrategy): DaemonSetUpdateStrategy {
  const typed = fill(strategy, { type: 'RollingUpdate' })
  if (typed.type !== 'RollingUpdate') return typed
  return change(fill(typed, { rollingUpdate: Object.freeze({}) }), 'rollingUpdate', (rolling) =>
    fill(rolling, { maxUnavailable: 1, maxSurge: 0 }),
  )
}

function defaultDaemonSetSpec(spec: DaemonSetSpec): DaemonSetSpec {
  const filled = fill(spec, { updateStrategy: Object.freeze({}), revisionHistoryLimit: 10 })
  const withStrategy = change(filled, 'updateStrategy', defaultStrategy)
  return change(withStrategy, 'template', defaultPodTemplate)
}

/** A-07, and the template's; the template's generation is the registry's to count. */
export function defaultDaemonSet(daemonSet: DaemonSet): DaemonSet {
  return change(daemonSet, 'spec', defaultDaemonSetSpec)
}
