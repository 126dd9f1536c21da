import type { Pod, Secret } from '../../api/generated/types.ts'
import { fullReference } from '../images/reference.ts'
import type { RegistryLogin } from '../runtime.ts'
import type { ReferenceReader } from './reference-reader.ts'

interface DockerLogin {
  readonly username?: string
  readonly password?: string
  /** `user:password` in base64. */
  readonly auth?: string
  readonly identitytoken?: string
}

/** What Docker is called in its own configuration. */
const dockerHosts = ['index.docker.io', 'registry-1.docker.io']

/**
 * Logins for an image from the pod's imagePullSecrets, the narrowest match first. A secret that is
 * missing or cannot be read brings none, as on a kubelet.
 */
export async function pullLogins(
  reader: ReferenceReader,
  { metadata, spec }: Pod,
  image: string,
): Promise<readonly RegistryLogin[]> {
  const full = fullReference(image)
  const names = (spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []))
  if (full === undefined || names.length === 0) return []
  const read = names.map((name) => reader.secret(metadata.namespace ?? '', name))
  const entries = (await Promise.all(read)).flatMap((secret) => (secret ? loginsOf(secret) : []))
  return entries
    .filter(([registry]) => isFor(registry, full))
    .sort(([one], [other]) => other.length - one.length)
    .map(([, login]) => loginFrom(login))
}

function loginsOf({ type, data = {} }: Secret): readonly (readonly [string, DockerLogin])[] {
  try {
    if (type === 'kubernetes.io/dockerconfigjson') {
      const { auths = {} } = parse(data['.dockerconfigjson']) as { auths?: object }
      return Object.entries(auths)
    }
    return type === 'kubernetes.io/dockercfg' ? Object.entries(parse(data['.dockercfg'])) : []
  } catch {
    return []
  }
}

function parse(base64: string | undefined): object {
  return JSON.parse(Buffer.from(base64 ?? '', 'base64').toString('utf8')) as object
}

function loginFrom({ username, password, auth, identitytoken }: DockerLogin): RegistryLogin {
  const text = Buffer.from(auth ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return {
    username: username || text.slice(0, Math.max(colon, 0)),
    password: password || text.slice(colon + 1),
    identityToken: identitytoken ?? '',
  }
}

/** Whether a key of a Docker configuration means the registry, and part of it, of an image. */
function isFor(registry: string, image: string): boolean {
  const bare = registry.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')
  const [host = '', ...path] = bare.split('/')
  const [imageHost = '', ...imagePath] = image.split('/')
  const isSameHost = matches(dockerHosts.includes(host) ? 'docker.io' : host, imageHost)
  return isSameHost && imagePath.join('/').startsWith(path.join('/'))
}

/** `*.example.com` stands for one more name before it; a port must be the same. */
function matches(pattern: string, host: string): boolean {
  const [patternName = '', patternPort] = pattern.split(':')
  const [name = '', port] = host.split(':')
  const [parts, wanted] = [name.split('.'), patternName.split('.')]
  if (port !== patternPort || parts.length !== wanted.length) return false
  return wanted.every((part, at) => {
    const text = part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*')
    return new RegExp(`^${text}$`).test(parts[at] ?? '')
  })
}
