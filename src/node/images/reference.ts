const defaultDomain = 'docker.io'
const officialNamespace = 'library'
const defaultTag = 'latest'

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const domainPattern = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?$/
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^sha256:[a-f0-9]{64}$/
const repositoryLengthMax = 255

/**
 * The full form of an image reference, as Docker completes it: `app` is
 * `docker.io/library/app:latest`. undefined when it is none (InvalidImageName).
 */
export function fullReference(reference: string): string | undefined {
  const [named = '', digest, ...more] = reference.split('@')
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined
  const { name, tag } = splitTag(named)
  const { domain, repository } = splitDomain(name)
  const isValid =
    domainPattern.test(domain) &&
    repositoryPattern.test(repository) &&
    domain.length + repository.length < repositoryLengthMax &&
    (tag === undefined || tagPattern.test(tag))
  if (!isValid) return undefined
  const suffix = digest === undefined ? `:${tag ?? defaultTag}` : `@${digest}`
  return `${domain}/${repository}${suffix}`
}

/** The shortest form that means the same: what people type, and `astern image ls` shows. */
export function familiarReference(full: string): string {
  for (const prefix of [`${defaultDomain}/${officialNamespace}/`, `${defaultDomain}/`]) {
    if (full.startsWith(prefix)) return full.slice(prefix.length)
  }
  return full
}

function splitTag(named: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = named.lastIndexOf(':')
  if (colon < 0 || colon < named.lastIndexOf('/')) return { name: named, tag: undefined }
  return { name: named.slice(0, colon), tag: named.slice(colon + 1) }
}

/** The first component is a registry only if it could not be a user's name. */
function splitDomain(name: string): { readonly domain: string; readonly repository: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  const domain = isDomain ? first.replace(/^index\.docker\.io$/, defaultDomain) : defaultDomain
  const repository = isDomain ? name.slice(slash + 1) : name
  const isOfficial = domain === defaultDomain && !repository.includes('/')
  return { domain, repository: isOfficial ? `${officialNamespace}/${repository}` : repository }
}
