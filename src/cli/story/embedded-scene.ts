import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { dataPlaneCommands } from '../../cluster/data-plane-commands.ts'
import { holdLeash } from '../../cluster/leash.ts'
import type { Teardown } from '../../cluster/teardown.ts'
import { deleteSnapshot } from '../../node/images/snapshot.ts'
import { processLogger } from '../engine/logger.ts'
import { runEngine } from '../engine/run-engine.ts'
import { findAppDir } from './app-dir.ts'
import { claimFreePort } from './free-port.ts'
import { manifestOf } from './manifest.ts'
import { reachByUrl } from './reach.ts'
import { imageOf, type Scene } from './scene.ts'
import { StepFailed } from './story-error.ts'
import { cloneWorkTrees } from './work-trees.ts'

const firstPort = 8080
const imagePrefix = 'learnk8s'

export interface EmbeddedPlace {
  readonly dataDir: string
  readonly kubeconfig: string
}

/**
 * Where the engine will keep its data: `given`, which must be empty, or a temporary directory that
 * goes at the end. The steps know what each of them finds: nothing may be there before them.
 */
export function findPlace(given: string | undefined, teardown: Teardown): EmbeddedPlace {
  const dataDir = given === undefined ? temporaryDir(teardown) : emptyDir(resolve(given))
  return { dataDir, kubeconfig: dataDirectory(dataDir).kubeconfig }
}

/** Starts an engine of the story's own, in this process. */
export async function openEmbedded(
  { dataDir, kubeconfig }: EmbeddedPlace,
  env: Scene['env'],
  teardown: Teardown,
): Promise<Scene> {
  const claim = await claimFreePort({ first: firstPort, note: `the story on ${dataDir}` })
  teardown.add(() => claim.release())
  const { port } = claim
  const appDir = findAppDir()
  const workTrees = await cloneWorkTrees(join(dataDir, 'git'))
  const running = await runEngine(engineOptions(dataDir), processLogger(env.ASTERN_LOG ?? 'error'))
  teardown.add(() => running.stop({ keepPods: false }))
  const service = ['type: LoadBalancer', 'allocateLoadBalancerNodePorts: false']
  return {
    kubeconfig,
    namespace: 'default',
    apiUrl: running.facts.server,
    imagePrefix,
    appDir,
    manifest: (version) => manifestOf({ image: imageOf({ imagePrefix }, version), port, service }),
    workTrees,
    yes: [],
    patienceMs: 30_000,
    reach: async () => reachByUrl(`http://127.0.0.1:${port}/`),
    env: { ...env, KUBECONFIG: kubeconfig, ASTERN_HOME: dataDir },
  }
}

function emptyDir(dir: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (readdirSync(dir).length === 0) return dir
  throw new StepFailed(`${dir} is not empty; name a new directory with --data`)
}

function temporaryDir(teardown: Teardown): string {
  const dir = mkdtempSync(join(tmpdir(), 'astern-story-'))
  const leash = holdLeash(dataPlaneCommands().leash, dir)
  teardown.add(async () => {
    leash.release()
    await deleteSnapshot(dir)
  })
  return dir
}

function engineOptions(dataDir: string): Parameters<typeof runEngine>[0] {
  return {
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    serviceListen: '127.0.0.1',
    accessLog: undefined,
    serviceCidr: undefined,
    podNetwork: undefined,
    cniConfDir: undefined,
    criSocket: undefined,
    kubeconfig: undefined,
    mergeKubeconfig: false,
    runtime: 'process',
    nodes: 1,
    isJson: false,
  }
}
