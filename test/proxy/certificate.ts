import { createAuthority, openAuthority } from '../../src/apiserver/wire/certificate-authority.ts'

export interface GivenCertificate {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** A server's certificate for one host name, and who has signed it. */
export async function givenCertificate(host: string): Promise<GivenCertificate> {
  const dayMs = 86_400_000
  const nowMs = Date.now()
  const validity = { notBefore: new Date(nowMs - dayMs), notAfter: new Date(nowMs + dayMs) }
  const ca = await createAuthority('a test', validity)
  const authority = await openAuthority(ca)
  const subject = { commonName: host, organizations: [] }
  return { ca: ca.certificate, ...(await authority.issue(subject, [host], validity)) }
}
