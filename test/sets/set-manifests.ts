export type SetKind = 'StatefulSet' | 'DaemonSet'

/**
 * The kinds whose history is ControllerRevisions, two pods each: of two nodes, or of two replicas.
 */
export const setsUnderTest = [
  {
    kind: 'StatefulSet',
    word: 'statefulset',
    plural: 'statefulsets',
    complete: 'partitioned roll out complete: 2 new pods have been updated...',
  },
  {
    kind: 'DaemonSet',
    word: 'daemonset',
    plural: 'daemonsets',
    complete: 'daemon set "app" successfully rolled out',
  },
] as const

/** As JSON, which is YAML too. */
export function manifestOf(kind: SetKind, image: string, cause?: string): string {
  const labels = { app: 'app' }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: {
      name: 'app',
      ...(cause && { annotations: { 'kubernetes.io/change-cause': cause } }),
    },
    spec: {
      ...(kind === 'StatefulSet' && { replicas: 2, serviceName: 'app' }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          // The command has what Go writes in its own way into JSON.
          containers: [{ name: 'app', image, args: ['a<b && c>d', 'ü'] }],
        },
      },
    },
  })
}

/** A template as `kubectl describe` shows it (G-23). */
export function templateText(image: string): string {
  return [
    'Pod Template:',
    '  Labels:\tapp=app',
    '  Containers:',
    '   app:',
    `    Image:\t${image}`,
    '    Port:\t<none>',
    '    Host Port:\t<none>',
    '    Args:',
    '      a<b && c>d',
    '      ü',
    '    Environment:\t<none>',
    '    Mounts:\t<none>',
    '  Volumes:\t<none>',
    '  Node-Selectors:\t<none>',
    '  Tolerations:\t<none>',
    '',
  ].join('\n')
}
