import type { PodTemplateSpec, Toleration } from '../../api/generated/types.ts'
import { describeContainer } from './describe-container.ts'
import { describeVolume } from './describe-volume.ts'
import { type Lines, mapValues, titled } from './lines.ts'

/** A pod template in the words of `kubectl describe`, with literal tabs (G-23). */
export function describePodTemplate({ metadata, spec }: PodTemplateSpec): string {
  const { containers = [], initContainers = [], volumes = [] } = spec ?? {}
  const { serviceAccountName, priorityClassName, nodeSelector, tolerations = [] } = spec ?? {}
  const annotations = Object.entries(metadata?.annotations ?? {})
  const lines = [
    'Pod Template:',
    ...titled('  Labels', mapValues(metadata?.labels)),
    ...(annotations.length > 0 ? titled('  Annotations', annotationValues(annotations)) : []),
    ...(serviceAccountName ? [`  Service Account:\t${serviceAccountName}`] : []),
    ...(initContainers.length > 0 ? ['  Init Containers:'] : []),
    ...initContainers.flatMap(describeContainer),
    containers.length > 0 ? '  Containers:' : '  Containers: <none>',
    ...containers.flatMap(describeContainer),
    ...(volumes.length > 0 ? ['  Volumes:'] : ['  Volumes:\t<none>']),
    ...volumes.flatMap(describeVolume),
    ...(priorityClassName ? [`  Priority Class Name:\t${priorityClassName}`] : []),
    ...titled('  Node-Selectors', mapValues(nodeSelector)),
    ...titled('  Tolerations', tolerationValues(tolerations)),
  ]
  return `${lines.join('\n')}\n`
}

const annotationWidthMax = 140

/** A long value, or one of several lines, stands below its name. */
function annotationValues(annotations: readonly (readonly [string, string])[]): Lines {
  const sorted = [...annotations].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.flatMap(([name, whole]) => {
    const value = whole.replace(/\n$/, '')
    const isShort = value.length + name.length + 2 <= annotationWidthMax && !value.includes('\n')
    if (isShort) return [`${name}: ${value}`]
    return [`${name}:`, ...value.split('\n').map((line) => `  ${shortened(line)}`)]
  })
}

function shortened(line: string): string {
  const widthMax = annotationWidthMax - 2
  return line.length > widthMax ? `${line.slice(0, widthMax)}...` : line
}

function tolerationValues(tolerations: readonly Toleration[]): Lines {
  const sorted = [...tolerations].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1))
  return sorted.map(({ key = '', value, effect, operator, tolerationSeconds }) => {
    const what = `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`
    const exists = operator === 'Exists' && !value ? `${what ? ' ' : ''}op=Exists` : ''
    const time = tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`
    return `${what}${exists}${time}`
  })
}
