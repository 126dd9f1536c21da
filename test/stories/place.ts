import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemContext } from '../../src/base/context.ts'
import { GivenRepository } from '../../src/git/given-repository.fixture.ts'
import { kubectlBinary } from '../kubectl-binary.ts'
import { GivenStory } from '../release-cli/given-story.ts'
import { GivenEngine } from '../seed/given-engine.ts'
import { GivenNamespace } from '../seed/given-namespace.ts'
import { pulledNames } from './image-names.ts'

/** A cluster that stories are told on. */
export interface StoryPlace {
  /** Whether it is a simulated engine of our own. */
  readonly isEmbedded: boolean
  /** A namespace, a repository, and everything else that one story needs. */
  world(): Promise<GivenStory>
  close(): Promise<void>
}

/** What `npm run stories` was given; it goes to the stories through the environment. */
export interface GivenPlace {
  /** Absent: as kubectl chooses. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly imagePrefix?: string
}

export const placeVariable = 'ASTERN_STORIES_PLACE'

export async function openPlace(): Promise<StoryPlace> {
  const given = process.env[placeVariable]
  if (given !== undefined) return ClusterPlace.open(JSON.parse(given))
  const engine = await GivenEngine.start('simulated')
  return {
    isEmbedded: true,
    world: () => GivenStory.on(engine),
    close: () => engine.stop(),
  }
}

/** Rollouts take longer where images are pulled. */
const patienceMs = 120_000

/** Somebody's cluster: nothing is touched but namespaces of the stories' own. */
class ClusterPlace implements StoryPlace {
  readonly isEmbedded = false
  readonly #kubeconfig: string
  readonly #dir: string
  readonly #given: GivenPlace

  private constructor(kubeconfig: string, dir: string, given: GivenPlace) {
    this.#kubeconfig = kubeconfig
    this.#dir = dir
    this.#given = given
  }

  static async open(given: GivenPlace): Promise<ClusterPlace> {
    const dir = await mkdtemp(join(tmpdir(), 'astern-stories-'))
    return new ClusterPlace(await flatKubeconfig(given), dir, given)
  }

  async world(): Promise<GivenStory> {
    const name = `astern-story-${systemContext().ids.uid().slice(0, 8)}`
    const dir = join(this.#dir, name)
    await mkdir(dir)
    const config = JSON.parse(this.#kubeconfig)
    for (const { context } of config.contexts) context.namespace = name
    const kubeconfig = `${dir}.kubeconfig`
    await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 })
    const namespace = new GivenNamespace({ name, dir, kubeconfig, home: homedir(), patienceMs })
    await namespace.run(`create namespace ${name}`)
    const repository = await GivenRepository.create()
    const images = pulledNames(this.#given.imagePrefix)
    return GivenStory.in(namespace, repository, { kubeconfig, images, isForeign: true, patienceMs })
  }

  close(): Promise<void> {
    return rm(this.#dir, { recursive: true, force: true })
  }
}

/** One context, with everything that it refers to, as JSON. */
async function flatKubeconfig({ kubeconfig, context }: GivenPlace): Promise<string> {
  const args = ['config', 'view', '--raw', '--flatten', '--minify', '-o', 'json']
  const chosen = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
  ]
  const { stdout } = await promisify(execFile)(kubectlBinary(), [...args, ...chosen])
  return stdout
}
