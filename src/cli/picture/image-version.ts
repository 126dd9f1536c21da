const digestDigits = 12

/**
 * What tells images of one program apart: the tag, else the beginning of the digest, else `latest`.
 */
export function imageVersion(reference: string): string {
  const [named = '', digest] = reference.split('@')
  if (digest !== undefined) return digest.replace(/^\w+:/, '').slice(0, digestDigits)
  const colon = named.lastIndexOf(':')
  return colon > named.lastIndexOf('/') ? named.slice(colon + 1) : 'latest'
}
