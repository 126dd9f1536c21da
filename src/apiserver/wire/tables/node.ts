import type { Node } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

const rolePrefix = 'node-role.kubernetes.io/'
const roleLabel = 'kubernetes.io/role'

function status({ spec, status }: Node): string {
  const ready = (status?.conditions ?? []).find((condition) => condition.type === 'Ready')
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word
}

function roles({ metadata }: Node): string {
  const names = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)]
    return key === roleLabel ? [value] : []
  })
  const known = [...new Set(names)].filter((role) => role !== '').sort()
  return known.join(',') || '<none>'
}

function address({ status }: Node, type: string): string {
  return status?.addresses?.find((entry) => entry.type === type)?.address || '<none>'
}

export const nodeTable: TableDefinition<Node> = {
  columns: [
    nameColumn,
    column('Status', 'text', 'Ready or not, and whether new pods are kept away.'),
    column('Roles', 'text', 'What the node is for.'),
    ageColumn,
    column('Version', 'text', 'The version of the node agent.'),
    column('Internal-IP', 'wide text', 'The address inside the cluster.'),
    column('External-IP', 'wide text', 'The address from outside.'),
    column('OS-Image', 'wide text', 'The operating system.'),
    column('Kernel-Version', 'wide text', 'The kernel.'),
    column('Container-Runtime', 'wide text', 'What runs the containers.'),
  ],
  cells: (node, nowMs) => {
    const info = node.status?.nodeInfo
    return [
      node.metadata.name ?? '',
      status(node),
      roles(node),
      ageOf(node.metadata.creationTimestamp, nowMs),
      info?.kubeletVersion ?? '',
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      info?.kernelVersion || '<unknown>',
      info?.containerRuntimeVersion || '<unknown>',
    ]
  },
}
