import type { IngressClass } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

function parametersOf({ spec }: IngressClass): string {
  if (!spec?.parameters) return '<none>'
  const { kind, apiGroup, name } = spec.parameters
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`
}

export const ingressClassTable: TableDefinition<IngressClass> = {
  columns: [
    nameColumn,
    column('Controller', 'text', 'Who takes care of its Ingresses.'),
    column('Parameters', 'text', 'An object that says more.'),
    ageColumn,
  ],
  cells: (ingressClass, nowMs) => [
    ingressClass.metadata.name ?? '',
    ingressClass.spec?.controller ?? '',
    parametersOf(ingressClass),
    ageOf(ingressClass.metadata.creationTimestamp, nowMs),
  ],
}
