import type { Container, ContainerPort, Pod } from './generated/types.ts'

const anyAddress = '0.0.0.0'

function hostPortsOf({ spec }: Pod): readonly ContainerPort[] {
  const sidecars = (spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')
  const containers: readonly Container[] = [...(spec?.containers ?? []), ...sidecars]
  return containers.flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0))
}

function clash(a: ContainerPort, b: ContainerPort): boolean {
  if (a.hostPort !== b.hostPort || (a.protocol ?? 'TCP') !== (b.protocol ?? 'TCP')) return false
  const [one, other] = [a.hostIP || anyAddress, b.hostIP || anyAddress]
  return one === other || one === anyAddress || other === anyAddress
}

/** Whether a pod wants a port of its node that one of the others has; as kube-scheduler asks. */
export function hasHostPortClash(pod: Pod, others: Iterable<Pod>): boolean {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return false
  for (const other of others) {
    const taken = hostPortsOf(other)
    if (wanted.some((port) => taken.some((one) => clash(port, one)))) return true
  }
  return false
}

/** The scheduler's words for it, and the kubelet's. */
export const hostPortClash = "node(s) didn't have free ports for the requested pod ports"
