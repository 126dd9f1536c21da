import type { Service } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { formatLabels } from './format.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

function externalIp({ spec, status }: Service): string {
  const external = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>'
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? []).map(
        ({ ip, hostname }) => ip || hostname,
      )
      const known = [...new Set(ingress)].filter((address) => address !== undefined).sort()
      return [...known, ...external].join(',') || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function ports({ spec }: Service): string {
  const texts = (spec?.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  )
  return texts.join(',') || '<none>'
}

export const serviceTable: TableDefinition<Service> = {
  columns: [
    nameColumn,
    column('Type', 'text', 'How the Service is reached: ClusterIP, NodePort, LoadBalancer, ...'),
    column('Cluster-IP', 'text', 'The address inside the cluster; None for a headless Service.'),
    column('External-IP', 'text', 'Addresses from outside the cluster.'),
    column('Port(s)', 'text', 'Ports, with the node port where there is one.'),
    ageColumn,
    column('Selector', 'wide text', 'Which pods the Service sends traffic to.'),
  ],
  cells: (service, nowMs) => [
    service.metadata.name ?? '',
    service.spec?.type ?? '',
    service.spec?.clusterIPs?.[0] || '<none>',
    externalIp(service),
    ports(service),
    ageOf(service.metadata.creationTimestamp, nowMs),
    formatLabels(service.spec?.selector),
  ],
}
