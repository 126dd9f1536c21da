import type { Reach } from './reach.ts'

export type Person = 'you' | 'colleague'

/** Where the story takes place; fixed before its first step. */
export interface Scene {
  /** Speaks of `namespace`. */
  readonly kubeconfig: string
  readonly namespace: string
  /** What a reader calls the cluster: an address. */
  readonly apiUrl: string
  /** Of the images: `PREFIX/app:1.0.0` and so on. */
  readonly imagePrefix: string
  /** The sample program, to be added as images; absent: the cluster pulls them. */
  readonly appDir: string | undefined
  /** The manifest of a version. */
  readonly manifest: (version: string) => string
  /** Clones of one bare repository, by whose they are. */
  readonly workTrees: Readonly<Record<Person, string>>
  /** What our writing commands need to be told, where nobody is asked. */
  readonly yes: readonly string[]
  /** How long a rollout may take. */
  readonly patienceMs: number
  /** How a client reaches the Service, once it is served. */
  readonly reach: () => Promise<Reach>
  /** What happens behind the scene is run with. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export function imageOf({ imagePrefix }: Pick<Scene, 'imagePrefix'>, version: string): string {
  return `${imagePrefix}/app:${version}`
}
