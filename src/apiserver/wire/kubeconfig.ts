import type { Credential } from './credential.ts'
import { writePrivateFile } from './private-file.ts'

export interface KubeconfigSource {
  /** `https://127.0.0.1:6443` */
  readonly server: string
  /** PEM. */
  readonly caCertificate: string
  readonly client: Credential
  /** Of cluster, context and user; default `astern`. */
  readonly name?: string
}

const base64 = (pem: string) => Buffer.from(pem).toString('base64')

/**
 * A kubeconfig with everything in it, as YAML. The values that are quoted are JSON strings, which
 * YAML reads as they are.
 */
export function renderKubeconfig(source: KubeconfigSource): string {
  const { server, caCertificate, client } = source
  const name = JSON.stringify(source.name ?? 'astern')
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${base64(caCertificate)}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(client.certificate)}
    client-key-data: ${base64(client.key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`
}

/** Renders to a file of mode 0600, atomically. */
export function writeKubeconfig(path: string, source: KubeconfigSource): Promise<void> {
  return writePrivateFile(path, renderKubeconfig(source))
}
