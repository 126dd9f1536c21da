import { isIP } from 'node:net'
import { invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
} from '../generated/types.ts'
import { ingressClassAnnotation } from '../names.ts'
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  portNameErrors,
  portNumberErrors,
  wildcardDomainErrors,
} from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, each, formatted, requiredFormatted, requiredText } from './rules.ts'

export const ingressRules: KindRules<Ingress> = {
  create: (ingress) => [
    ...validateObjectMeta(ingress.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateClassAnnotation(ingress),
    ...validateSpec(ingress.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
  ],
  warnings: ({ metadata }) =>
    metadata.annotations?.[ingressClassAnnotation] === undefined
      ? []
      : [
          `annotation "${ingressClassAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`,
        ],
  notDone:
    'ingresses are kept as data here: nothing routes by them unless you run an ingress controller; a Service of type NodePort or LoadBalancer is reached on 127.0.0.1',
}

function validateClassAnnotation({ metadata, spec }: Ingress): Errors {
  const annotated = metadata.annotations?.[ingressClassAnnotation]
  const name = spec?.ingressClassName
  if (annotated === undefined || name === undefined || annotated === name) return []
  const detail = 'must match `ingressClassName` when both are specified'
  return [invalidValue(`annotations.${ingressClassAnnotation}`, annotated, detail)]
}

function validateSpec(spec: IngressSpec = {}): Errors {
  const { rules = [], defaultBackend, ingressClassName } = spec
  const errors: Errors[] = []
  if (rules.length === 0 && !defaultBackend) {
    const detail = 'either `defaultBackend` or `rules` must be specified'
    errors.push([invalidValue('spec', spec.rules ?? null, detail)])
  }
  return [
    ...errors.flat(),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...each('spec.rules', rules, validateRule),
    ...each('spec.tls', spec.tls, (tls, path) =>
      each(`${path}.hosts`, tls.hosts, (host, at) => formatted(at, host, domainErrors)),
    ),
    ...(ingressClassName === undefined
      ? []
      : formatted('spec.ingressClassName', ingressClassName, dns1123SubdomainErrors)),
  ]
}

function domainErrors(host: string): readonly string[] {
  return host.includes('*') ? wildcardDomainErrors(host) : dns1123SubdomainErrors(host)
}

function validateRule({ host, http }: IngressRule, path: string): Errors {
  const errors: Errors[] = []
  if (host && isIP(host) !== 0) {
    const detail = 'must be a DNS name, not an IP address'
    errors.push([invalidValue(`${path}.host`, host, detail)])
  }
  if (host) errors.push(formatted(`${path}.host`, host, domainErrors))
  if (http?.paths.length === 0) errors.push([requiredValue(`${path}.http.paths`)])
  return [...errors.flat(), ...each(`${path}.http.paths`, http?.paths, validatePath)]
}

const forbiddenParts = ['//', '/./', '/../', '%2f', '%2F']
const forbiddenEnds = ['/..', '/.']
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

function validatePath(path: HTTPIngressPath, at: string): Errors {
  const { pathType, path: text = '' } = path
  if (pathType === undefined) {
    return [requiredValue(`${at}.pathType`, 'pathType must be specified')]
  }
  return [
    ...(pathTypes.includes(pathType)
      ? validatePathText(text, pathType, `${at}.path`)
      : [unsupportedValue(`${at}.pathType`, pathType, pathTypes)]),
    ...validateBackend(path.backend, `${at}.backend`),
  ]
}

function validatePathText(text: string, pathType: string, at: string): Errors {
  const isFree = pathType === 'ImplementationSpecific'
  const isAbsolute = text.startsWith('/') || (isFree && text === '')
  const errors = isAbsolute ? [] : [invalidValue(at, text, 'must be an absolute path')]
  if (isFree) return errors
  return [
    ...errors,
    ...forbiddenParts
      .filter((part) => text.includes(part))
      .map((part) => invalidValue(at, text, `must not contain '${part}'`)),
    ...forbiddenEnds
      .filter((end) => text.endsWith(end))
      .map((end) => invalidValue(at, text, `cannot end with '${end}'`)),
  ]
}

function validateBackend({ service, resource }: IngressBackend, path: string): Errors {
  if (service && resource) {
    return [invalidValue(path, '', 'cannot set both resource and service backends')]
  }
  if (service) return validateService(service, path)
  if (!resource) return [invalidValue(path, '', 'resource or service backend is required')]
  return [
    ...requiredText(`${path}.resource.kind`, resource.kind),
    ...requiredText(`${path}.resource.name`, resource.name),
  ]
}

function validateService({ name, port }: IngressServiceBackend, path: string): Errors {
  const at = `${path}.service`
  const errors = [...requiredFormatted(`${at}.name`, name, dns1035LabelErrors)]
  if (port?.name && port.number) {
    errors.push(invalidValue(path, '', 'cannot set both port name & port number'))
  } else if (port?.name) {
    errors.push(...formatted(`${at}.port.name`, port.name, portNameErrors))
  } else if (port?.number) {
    const { number } = port
    const wrong = portNumberErrors(number)
    errors.push(...wrong.map((detail) => invalidValue(`${at}.port.number`, number, detail)))
  } else {
    errors.push(requiredValue(path, 'port name or number is required'))
  }
  return errors
}
