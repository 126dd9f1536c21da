import { semanticEqual } from '../../api/equality.ts'
import type { DaemonSet } from '../../api/generated/types.ts'
import { templateGenerationAnnotation } from '../../api/names.ts'
import { daemonSets } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

function templateGenerationOf({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[templateGenerationAnnotation] ?? ''
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0
}

/** The server alone counts the template's generations: what a body says is overwritten. */
function withTemplateGeneration(daemonSet: DaemonSet, generation: number): DaemonSet {
  const { metadata } = daemonSet
  const counted = { [templateGenerationAnnotation]: String(generation) }
  const annotations = { ...metadata.annotations, ...counted }
  return { ...daemonSet, metadata: { ...metadata, annotations } }
}

function hasTemplateOf(daemonSet: DaemonSet, old: DaemonSet): boolean {
  return semanticEqual('PodTemplateSpec', daemonSet.spec?.template ?? {}, old.spec?.template ?? {})
}

export const daemonSetStrategy = defineStrategy(daemonSets, {
  subresources: ['status'],
  prepareForCreate: (daemonSet) => ({
    ...withTemplateGeneration(daemonSet, Math.max(templateGenerationOf(daemonSet), 1)),
    status: {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
  }),
  prepareForUpdate(daemonSet, old) {
    const step = hasTemplateOf(daemonSet, old) ? 0 : 1
    const counted = withTemplateGeneration(daemonSet, templateGenerationOf(old) + step)
    return withFieldOf(counted, old, 'status')
  },
  prepareForStatusUpdate: (daemonSet, old) =>
    withTemplateGeneration(withFieldOf(daemonSet, old, 'spec'), templateGenerationOf(old)),
  raisesGeneration: (daemonSet, old) =>
    !semanticEqual('DaemonSetSpec', daemonSet.spec ?? {}, old.spec ?? {}),
})
