import type { IngressClass } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'

export function defaultIngressClass(ingressClass: IngressClass): IngressClass {
  return change(ingressClass, 'spec', (spec) =>
    change(spec, 'parameters', (parameters) => fill(parameters, { scope: 'Cluster' })),
  )
}
