import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Authority } from './certificate-authority.ts'
import type { Credential, Subject } from './credential.ts'
import { writePrivateFile } from './private-file.ts'

/** Who gets a client certificate: CN is the user, O are the groups. */
export const clientSubjects = {
  admin: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
  'controller-manager': { commonName: 'system:kube-controller-manager', organizations: [] },
  scheduler: { commonName: 'system:kube-scheduler', organizations: [] },
  node: { commonName: 'system:node:astern', organizations: ['system:nodes'] },
  proxy: { commonName: 'system:kube-proxy', organizations: ['system:node-proxier'] },
} as const satisfies Readonly<Record<string, Subject>>

export type ClientName = keyof typeof clientSubjects

export interface Pki {
  /**
   * PEM of the authority that signs everything here, for kubeconfigs and for checking client
   * certificates.
   */
  readonly caCertificate: string
  readonly server: Credential
  /**
   * The credential of a component or of the administrator, made when it is first asked for and
   * kept on disk.
   */
  client(name: ClientName): Promise<Credential>
}

export interface PkiOptions {
  /** Names and addresses by which the server is reached, besides the usual ones. */
  readonly hosts?: readonly string[]
}

const dayMs = 24 * 60 * 60 * 1000
const renewalMs = 30 * dayMs
const authorityDays = 3650
const leafDays = 365

const usualHosts = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  '127.0.0.1',
  '::1',
]

/**
 * Our own certificate authority in `dir` (mode 0700, files 0600): the authority, a server
 * certificate and client certificates, ECDSA P-256. What is missing, expires within 30 days or
 * lacks one of the hosts is made anew; a new authority means new certificates for all. Loading
 * what exists takes a few milliseconds, since the signing library is loaded only to sign.
 */
export async function loadOrCreatePki(
  dir: string,
  clock: Clock,
  options: PkiOptions = {},
): Promise<Pki> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const files = new PkiFiles(dir, clock)
  const hosts = [...new Set([...usualHosts, hostname(), ...(options.hosts ?? [])])]
  const ca = await files.authority()
  const subject = { commonName: 'astern', organizations: [] }
  const server = await files.leaf(ca, 'server', { subject, hosts })
  return {
    caCertificate: ca.certificate,
    server,
    client: (name) =>
      files.leaf(ca, `client-${name}`, { subject: clientSubjects[name], hosts: [] }),
  }
}

interface LeafRequest {
  readonly subject: Subject
  /** None for a client's certificate. */
  readonly hosts: readonly string[]
}

class PkiFiles {
  readonly #dir: string
  readonly #clock: Clock
  #signer: Promise<Authority> | undefined

  constructor(dir: string, clock: Clock) {
    this.#dir = dir
    this.#clock = clock
  }

  async authority(): Promise<Credential> {
    const found = await this.#read('ca')
    if (found && this.#isFresh(found)) return found
    const { createAuthority } = await import('./certificate-authority.ts')
    const made = await createAuthority('astern-ca', this.#validity(authorityDays))
    return this.#write('ca', made)
  }

  async leaf(ca: Credential, name: string, { subject, hosts }: LeafRequest): Promise<Credential> {
    const found = await this.#read(name)
    if (found && this.#isFresh(found) && isSignedBy(found, ca) && covers(found, hosts)) return found
    this.#signer ??= import('./certificate-authority.ts').then((module) => module.openAuthority(ca))
    const authority = await this.#signer
    return this.#write(name, await authority.issue(subject, hosts, this.#validity(leafDays)))
  }

  /** Starts an hour ago, for clocks that are a little behind. */
  #validity(days: number): { notBefore: Date; notAfter: Date } {
    const nowMs = this.#clock.now()
    return { notBefore: new Date(nowMs - dayMs / 24), notAfter: new Date(nowMs + days * dayMs) }
  }

  #isFresh({ certificate }: Credential): boolean {
    const { validFrom, validTo } = new X509Certificate(certificate)
    const nowMs = this.#clock.now()
    return Date.parse(validFrom) <= nowMs && Date.parse(validTo) > nowMs + renewalMs
  }

  async #read(name: string): Promise<Credential | undefined> {
    try {
      const [certificate, key] = await Promise.all([
        readFile(join(this.#dir, `${name}.crt`), 'utf8'),
        readFile(join(this.#dir, `${name}.key`), 'utf8'),
      ])
      return { certificate, key }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async #write(name: string, credential: Credential): Promise<Credential> {
    await writePrivateFile(join(this.#dir, `${name}.key`), credential.key)
    await writePrivateFile(join(this.#dir, `${name}.crt`), credential.certificate)
    return credential
  }
}

/**
 * False also for a key that is not the certificate's: what a crash between two files leaves
 * behind.
 */
function isSignedBy({ certificate, key }: Credential, ca: Credential): boolean {
  const parsed = new X509Certificate(certificate)
  return (
    parsed.verify(new X509Certificate(ca.certificate).publicKey) &&
    parsed.checkPrivateKey(createPrivateKey(key))
  )
}

function covers({ certificate }: Credential, hosts: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate)
  return hosts.every((host) =>
    isIP(host) ? parsed.checkIP(host) !== undefined : parsed.checkHost(host) !== undefined,
  )
}
