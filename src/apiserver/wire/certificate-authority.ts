import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { Credential, Subject } from './credential.ts'

export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** Signs certificates. */
export interface Authority {
  /** With hosts it is a server's certificate, without a client's. */
  issue(subject: Subject, hosts: readonly string[], validity: Validity): Promise<Credential>
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
}

function pemOf(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}

function nameOf({ commonName, organizations }: Subject) {
  return [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }]
}

/** A new self-signed authority. */
export async function createAuthority(name: string, validity: Validity): Promise<Credential> {
  const keys = await generateKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: nameOf({ commonName: name, organizations: [] }),
    ...validity,
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: certificate.toString('pem'), key: pemOf(keys.privateKey) }
}

/** An authority that exists, ready to sign. */
export async function openAuthority({ certificate, key }: Credential): Promise<Authority> {
  const der = Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign'])
  const parsed = new X509Certificate(certificate)
  return {
    async issue(subject, hosts, validity) {
      const keys = await generateKeys()
      const usage = hosts.length > 0 ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth
      const names = hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const)
      const leaf = await X509CertificateGenerator.create({
        subject: nameOf(subject),
        issuer: parsed.subjectName,
        ...validity,
        publicKey: keys.publicKey,
        signingKey,
        signingAlgorithm,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([usage]),
          await AuthorityKeyIdentifierExtension.create(parsed),
          ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
        ],
      })
      return { certificate: leaf.toString('pem'), key: pemOf(keys.privateKey) }
    },
  }
}
