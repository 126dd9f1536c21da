import type { ContainerPort, EnvVar, Sandbox } from '../../runtime.ts'

/**
 * How a program learns its ports: `PORT` (the first, or the default port), `PORT_<NAME>` and
 * `PORT_<NUMBER>` for each declared one. The same for all containers of the pod.
 */
export function portEnvironment(
  declared: readonly ContainerPort[],
  ports: Sandbox['ports'],
): readonly EnvVar[] {
  const first = ports[declared[0]?.containerPort ?? 0]
  const each = declared.flatMap(({ containerPort, name }) => {
    const value = String(ports[containerPort])
    const byNumber = { name: `PORT_${containerPort}`, value }
    return name ? [{ name: `PORT_${variableName(name)}`, value }, byNumber] : [byNumber]
  })
  return first === undefined ? each : [{ name: 'PORT', value: String(first) }, ...each]
}

function variableName(portName: string): string {
  return portName.toUpperCase().replaceAll('-', '_')
}
