import type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  Probe,
  VolumeMount,
} from '../../api/generated/types.ts'
import type { Lines } from './lines.ts'

/** A container of a pod template as `kubectl describe` and `rollout history` show it (G-23). */
export function describeContainer(container: Container): Lines {
  const { name, image, ports = [], command = [], args = [], resources } = container
  return [
    `   ${name}:`,
    `    Image:\t${image ?? ''}`,
    portsLine('Port', ports, ({ containerPort }) => containerPort),
    portsLine('Host Port', ports, ({ hostPort }) => hostPort ?? 0),
    ...wordLines('Command', command),
    ...wordLines('Args', args),
    ...quantityLines('Limits', resources?.limits),
    ...quantityLines('Requests', resources?.requests),
    ...probeLine('Liveness', container.livenessProbe),
    ...probeLine('Readiness', container.readinessProbe),
    ...probeLine('Startup', container.startupProbe),
    ...envFromLines(container.envFrom ?? []),
    ...envLines(container.env ?? []),
    ...mountLines(container.volumeMounts ?? []),
  ]
}

function portsLine(
  title: string,
  ports: readonly ContainerPort[],
  numberOf: (port: ContainerPort) => number,
): string {
  const texts = ports.map((port) => {
    const name = port.name ? ` (${port.name})` : ''
    return `${numberOf(port)}/${port.protocol ?? 'TCP'}${name}`
  })
  return `    ${title}${texts.length > 1 ? 's' : ''}:\t${texts.join(', ') || '<none>'}`
}

function wordLines(title: string, words: readonly string[]): Lines {
  if (words.length === 0) return []
  const lines = words.flatMap((word) => word.split('\n'))
  return [`    ${title}:`, ...lines.map((line) => `      ${line}`)]
}

function quantityLines(
  title: string,
  quantities: Readonly<Record<string, string>> | undefined,
): Lines {
  const names = Object.keys(quantities ?? {}).sort()
  if (names.length === 0) return []
  return [`    ${title}:`, ...names.map((name) => `      ${name}:\t${quantities?.[name]}`)]
}

function probeLine(title: string, probe: Probe | undefined): Lines {
  return probe ? [`    ${title}:\t${probeText(probe)}`] : []
}

function probeText(probe: Probe): string {
  const { exec, httpGet, tcpSocket, grpc } = probe
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0 } = probe
  const { successThreshold = 0, failureThreshold = 0 } = probe
  const times = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s`
  const rules = `${times} #success=${successThreshold} #failure=${failureThreshold}`
  if (exec) return `exec [${(exec.command ?? []).join(' ')}] ${rules}`
  if (httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '' } = httpGet
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path} ${rules}`
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port} ${rules}`
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${rules}`
  return `unknown ${rules}`
}

function envFromLines(sources: readonly EnvFromSource[]): Lines {
  if (sources.length === 0) return []
  const lines = sources.map(({ configMapRef, secretRef, prefix }) => {
    const from = configMapRef ? 'ConfigMap' : 'Secret'
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {}
    const withPrefix = prefix ? ` with prefix '${prefix}'` : ''
    return `      ${name}\t${from}${withPrefix}\tOptional: ${optional}`
  })
  return ['    Environment Variables from:', ...lines]
}

function envLines(env: readonly EnvVar[]): Lines {
  if (env.length === 0) return ['    Environment:\t<none>']
  return ['    Environment:', ...env.flatMap(envVarLines)]
}

function envVarLines({ name, value = '', valueFrom }: EnvVar): Lines {
  if (!valueFrom) {
    const [first = '', ...others] = value.split('\n')
    return [`      ${name}:\t${first}`, ...others.map((line) => `      \t${line}`)]
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom
  const line = (text: string) => [`      ${name}:\t${text}`]
  if (fieldRef) return line(` (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`)
  if (resourceFieldRef) return line(` (${resourceFieldRef.resource})`)
  if (secretKeyRef) {
    const { key, name: secret = '', optional = false } = secretKeyRef
    return line(`<set to the key '${key}' in secret '${secret}'>\tOptional: ${optional}`)
  }
  if (!configMapKeyRef) return []
  const { key, name: map = '', optional = false } = configMapKeyRef
  return line(`<set to the key '${key}' of config map '${map}'>\tOptional: ${optional}`)
}

function mountLines(mounts: readonly VolumeMount[]): Lines {
  if (mounts.length === 0) return ['    Mounts:\t<none>']
  const lines = [...mounts]
    .sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))
    .map(({ mountPath, name, readOnly, subPath }) => {
      const path = subPath ? `,path=${JSON.stringify(subPath)}` : ''
      return `      ${mountPath} from ${name} (${readOnly ? 'ro' : 'rw'}${path})`
    })
  return ['    Mounts:', ...lines]
}
