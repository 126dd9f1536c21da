import type { Pod } from '../../api/generated/types.ts'
import { portsAnnotation } from '../../api/names.ts'
import type { Sandbox } from '../runtime.ts'

/** The map of a sandbox's ports as it is published; undefined when there is nothing to map. */
export function portsText({ ports }: Sandbox): string | undefined {
  return Object.keys(ports).length === 0 ? undefined : JSON.stringify(ports)
}

/** The pod with its ports, whether they are published already or not. */
export function withPorts(pod: Pod, sandbox: Sandbox | undefined): Pod {
  const text = sandbox && portsText(sandbox)
  const { metadata } = pod
  if (text === undefined || metadata.annotations?.[portsAnnotation] === text) return pod
  const annotations = { ...metadata.annotations, [portsAnnotation]: text }
  return { ...pod, metadata: { ...metadata, annotations } }
}
