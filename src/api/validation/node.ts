import { duplicateValue, forbiddenValue } from '../field-errors.ts'
import type { Node, NodeAddress } from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateNonNegativeQuantity } from './resources.ts'
import { type Errors, each, isSame } from './rules.ts'
import { validateTaints } from './toleration.ts'

/** Upstream reports taints under `metadata`. */
const taintsPath = 'metadata.taints'

export const nodeRules: KindRules<Node> = {
  create: (node) => [
    ...validateObjectMeta(node.metadata, { namespaced: false, name: dns1123SubdomainErrors }),
    ...validateTaints(node.spec?.taints, taintsPath),
    ...validateCapacity(node),
  ],
  update: validateUpdate,
  statusUpdate: validateUpdate,
}

function validateUpdate(next: Node, previous: Node): Errors {
  return [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateCapacity(next),
    ...validateAddresses(next.status?.addresses),
    ...validateOnce('podCIDRs', 'podCIDR', [next.spec?.podCIDRs, previous.spec?.podCIDRs]),
    ...validateOnce('providerID', 'providerID', [next.spec?.providerID, previous.spec?.providerID]),
    ...validateTaints(next.spec?.taints, taintsPath),
    ...(next.spec?.externalID === previous.spec?.externalID
      ? []
      : [forbiddenValue('spec.externalID', 'may not be updated')]),
  ]
}

function validateCapacity({ status }: Node): Errors {
  return (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(status?.[field] ?? {}).flatMap(([name, amount]) =>
      validateNonNegativeQuantity(amount, `status.${field}.${name}`),
    ),
  )
}

function validateAddresses(addresses: readonly NodeAddress[] | undefined): Errors {
  const seen = new Set<string>()
  return each('status.addresses', addresses, ({ type, address }, at) => {
    const isSeen = seen.has(`${type} ${address}`)
    seen.add(`${type} ${address}`)
    return isSeen ? [duplicateValue(at, { Type: type, Address: address })] : []
  })
}

/** A field that may be filled in once. */
function validateOnce(
  field: string,
  shownName: string,
  [next, previous]: readonly [unknown, unknown],
): Errors {
  if (isSame(previous, undefined) || isSame(next, previous)) return []
  const detail = `node updates may not change ${shownName} except from "" to valid`
  return [forbiddenValue(`spec.${field}`, detail)]
}
