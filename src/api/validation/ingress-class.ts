import { forbiddenValue, invalidValue, requiredValue, tooLongValue } from '../field-errors.ts'
import type {
  IngressClass,
  IngressClassParametersReference,
  IngressClassSpec,
} from '../generated/types.ts'
import {
  byteLength,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  domainPathErrors,
  pathSegmentErrors,
} from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, formatted, requiredFormatted, unchanged, word } from './rules.ts'

const controllerBytesMax = 250

export const ingressClassRules: KindRules<IngressClass> = {
  create: (ingressClass) => [
    ...validateObjectMeta(ingressClass.metadata, {
      namespaced: false,
      name: dns1123SubdomainErrors,
    }),
    ...validateSpec(ingressClass.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...unchanged('spec.controller', next.spec?.controller, previous.spec?.controller),
    ...validateSpec(next.spec),
  ],
  notDone:
    'ingressclasses are kept as data here: nothing routes by them unless you run the ingress controller that they name',
}

function validateSpec({ controller = '', parameters }: IngressClassSpec = {}): Errors {
  const path = 'spec.controller'
  return [
    ...(byteLength(controller) > controllerBytesMax
      ? [tooLongValue(path, controllerBytesMax)]
      : []),
    ...requiredFormatted(path, controller, domainPathErrors),
    ...(parameters ? validateParameters(parameters, 'spec.parameters') : []),
  ]
}

function validateParameters(parameters: IngressClassParametersReference, path: string): Errors {
  const { apiGroup, kind, name, namespace, scope } = parameters
  return [
    ...(apiGroup ? formatted(`${path}.apiGroup`, apiGroup, dns1123SubdomainErrors) : []),
    ...requiredFormatted(`${path}.kind`, kind, pathSegmentErrors),
    ...requiredFormatted(`${path}.name`, name, pathSegmentErrors),
    ...(scope === undefined
      ? [requiredValue(`${path}.scope`)]
      : word(`${path}.scope`, scope, ['Cluster', 'Namespace'])),
    ...(scope === 'Namespace' && namespace === undefined
      ? [requiredValue(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'")]
      : []),
    ...(scope === 'Cluster' && namespace !== undefined
      ? [forbiddenValue(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'")]
      : []),
    ...(scope === 'Namespace' && namespace !== undefined
      ? dns1123LabelErrors(namespace).map((detail) =>
          invalidValue(`${path}.namespace`, namespace, detail),
        )
      : []),
  ]
}
