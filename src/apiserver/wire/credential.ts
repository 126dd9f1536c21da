/** A certificate and its private key, both PEM. */
export interface Credential {
  readonly certificate: string
  readonly key: string
}

/** Whom a certificate names: CN, and each O. */
export interface Subject {
  readonly commonName: string
  readonly organizations: readonly string[]
}
