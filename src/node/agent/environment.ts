import type { Container, EnvFromSource, EnvVarSource, Pod } from '../../api/generated/types.ts'
import { type EnvVar, type Sandbox, StartFailed } from '../runtime.ts'
import { podField, type ResourceAmounts, resourceValue } from './downward.ts'
import { expandVariables } from './expand.ts'
import type { ReferenceReader } from './reference-reader.ts'

function misconfigured(message: string): StartFailed {
  return new StartFailed('CreateContainerConfigError', message)
}

type Data = ReadonlyMap<string, string>

interface Reference {
  readonly name?: string
  readonly optional?: boolean
}

function textData(data: Readonly<Record<string, string>> | undefined): Data {
  return new Map(Object.entries(data ?? {}))
}

function decodedData(data: Readonly<Record<string, string>> | undefined): Data {
  const decode = (text: string) => Buffer.from(text, 'base64').toString('utf8')
  return new Map(Object.entries(data ?? {}).map(([key, text]) => [key, decode(text)]))
}

/** Resolves the variables of one pod's containers; rejects with CreateContainerConfigError. */
class EnvironmentResolver {
  readonly #pod: Pod
  readonly #reader: ReferenceReader
  /** Status fields that a program may ask for, not yet in the pod we were given. */
  readonly #podIp: string
  readonly #allocatable: ResourceAmounts

  constructor(pod: Pod, { reader, sandbox, allocatable }: EnvironmentOptions) {
    this.#pod = pod
    this.#reader = reader
    this.#podIp = sandbox.ip
    this.#allocatable = allocatable
  }

  get #namespace(): string {
    return this.#pod.metadata.namespace ?? ''
  }

  async configMapData({ name = '', optional }: Reference): Promise<Data | undefined> {
    const found = await this.#reader.configMap(this.#namespace, name)
    if (!found && !optional) throw misconfigured(`configmap "${name}" not found`)
    return found && textData(found.data)
  }

  async secretData({ name = '', optional }: Reference): Promise<Data | undefined> {
    const found = await this.#reader.secret(this.#namespace, name)
    if (!found && !optional) throw misconfigured(`secret "${name}" not found`)
    return found && decodedData(found.data)
  }

  async fromSource(source: EnvFromSource): Promise<EnvVar[]> {
    const data = source.configMapRef
      ? await this.configMapData(source.configMapRef)
      : source.secretRef && (await this.secretData(source.secretRef))
    const prefix = source.prefix ?? ''
    return [...(data ?? [])].map(([key, value]) => ({ name: prefix + key, value }))
  }

  /** undefined: an optional source that is not there. */
  async valueOf(source: EnvVarSource, container: Container): Promise<string | undefined> {
    const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = source
    if (configMapKeyRef) {
      const data = await this.configMapData(configMapKeyRef)
      return this.#key(data, configMapKeyRef, 'ConfigMap')
    }
    if (secretKeyRef) return this.#key(await this.secretData(secretKeyRef), secretKeyRef, 'Secret')
    if (fieldRef) return this.#field(fieldRef.fieldPath)
    if (resourceFieldRef) return resourceValue(container, resourceFieldRef, this.#allocatable)
    return ''
  }

  #key(
    data: Data | undefined,
    { key, name, optional }: Reference & { readonly key: string },
    kind: string,
  ): string | undefined {
    const value = data?.get(key)
    if (value !== undefined || optional) return value
    throw misconfigured(`couldn't find key ${key} in ${kind} ${this.#namespace}/${name}`)
  }

  #field(path: string): string {
    const value = podField(this.#pod, path, this.#podIp)
    if (value === undefined) throw misconfigured(`unsupported fieldPath: ${path}`)
    return value
  }
}

export interface EnvironmentOptions {
  /** What everybody in the namespace is told; the container's own goes before. */
  readonly common?: readonly EnvVar[]
  readonly reader: ReferenceReader
  readonly sandbox: Sandbox
  /** Of the node. */
  readonly allocatable: ResourceAmounts
}

/**
 * The container's environment, what is common first; in order, later names winning, `$(VAR)`
 * expanded from what came before.
 */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  options: EnvironmentOptions,
): Promise<readonly EnvVar[]> {
  const resolver = new EnvironmentResolver(pod, options)
  const values = new Map((options.common ?? []).map(({ name, value }) => [name, value]))
  const given = options.sandbox.env.map(({ name, value }) => [name, value] as const)
  for (const source of container.envFrom ?? []) {
    for (const { name, value } of await resolver.fromSource(source)) values.set(name, value)
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved = valueFrom
      ? await resolver.valueOf(valueFrom, container)
      : expandVariables(value ?? '', new Map([...values, ...given]))
    if (resolved !== undefined) values.set(name, resolved)
  }
  return [...values].map(([name, value]) => ({ name, value }))
}
