import type { Secret, Service, ServicePort } from '../api/generated/types.ts'
import { tlsHostAnnotation, tlsPortsAnnotation, tlsSecretAnnotation } from '../api/names.ts'
import type { ObjectKey } from '../api/object.ts'
import type { TlsIdentity } from './protocol.ts'

const secretType = 'kubernetes.io/tls'

/**
 * The Secret by which a Service's load balancer ports speak TLS; undefined for one in the clear.
 */
export function tlsSecretKeyOf({ metadata }: Service): ObjectKey | undefined {
  const name = metadata.annotations?.[tlsSecretAnnotation]
  return name === undefined ? undefined : { namespace: metadata.namespace, name }
}

/** Whether this port of a Service that asks for TLS is one of those that speak it. */
export function speaksTls({ metadata }: Service, { name, port }: ServicePort): boolean {
  const chosen = metadata.annotations?.[tlsPortsAnnotation]?.split(',').map((text) => text.trim())
  return chosen === undefined || chosen.includes(String(port)) || chosen.includes(name ?? '')
}

/** The identity in the Secret, or, as a text for people, why there is none. */
export function tlsIdentityOf(service: Service, secret: Secret | undefined): TlsIdentity | string {
  const { namespace, annotations = {} } = service.metadata
  const named = `Secret ${namespace}/${annotations[tlsSecretAnnotation]}`
  if (!secret) return `${named} is not there; create it with "kubectl create secret tls"`
  if (secret.type !== secretType) return `${named} has type ${secret.type}, not ${secretType}`
  const [certificate, key] = ['tls.crt', 'tls.key'].map((name) =>
    Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8'),
  )
  if (!certificate || !key) return `${named} lacks tls.crt or tls.key`
  return { certificate, key, host: annotations[tlsHostAnnotation]?.toLowerCase() ?? '' }
}
