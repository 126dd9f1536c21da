import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { namespaces, services } from '../../api/scheme.ts'
import { type Context, systemContext } from '../../base/context.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { type ClusterAccess, kubeconfigFiles, loadKubeconfig } from '../../client/kubeconfig.ts'
import type { Teardown } from '../../cluster/teardown.ts'
import type { CliIo } from '../io.ts'
import { announceCluster } from '../release/cluster-notice.ts'
import { astern, runCommand } from './command.ts'
import { manifestOf } from './manifest.ts'
import { type Reach, reachByUrl, reachThroughApi } from './reach.ts'
import { imageOf, type Scene } from './scene.ts'
import { StepFailed } from './story-error.ts'
import { cloneWorkTrees } from './work-trees.ts'

/** Somebody's cluster. */
export interface ForeignPlace {
  /** Absent: as kubectl chooses. */
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly imagePrefix: string
  /** Nobody is asked. */
  readonly isYes: boolean
}

const port = 8080
/** Nodes hear late of an endpoint that goes: the program answers until they have. */
const container = ['lifecycle:', '  preStop:', '    sleep:', '      seconds: 2']

/**
 * Asks whether the cluster may be changed, and prepares it: a namespace of the story's own, which
 * goes at the end, and `astern record` beside it.
 */
export async function openForeign(
  place: ForeignPlace,
  io: CliIo,
  teardown: Teardown,
): Promise<Scene> {
  const context = systemContext()
  const { imagePrefix } = place
  const access = loadKubeconfig({
    files: filesOf(place, io.env),
    ...(place.context !== undefined && { context: place.context }),
  })
  const transport = new HttpTransport(context, { access, userAgent: 'astern-story' })
  teardown.add(() => transport.close())
  const namespace = `astern-story-${context.ids.uid().slice(0, 8)}`
  const flags = { boolean: () => place.isYes }
  await announceCluster({ access, io, namespace, transport }, flags)
  const dir = mkdtempSync(join(tmpdir(), 'astern-story-'))
  teardown.add(() => rmSync(dir, { recursive: true, force: true }))
  const kubeconfig = join(dir, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigText(access, namespace), { mode: 0o600 })
  const workTrees = await cloneWorkTrees(join(dir, 'git'))
  await transport.create(
    namespaces,
    {},
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    },
  )
  teardown.add(() => transport.delete(namespaces, { name: namespace }))
  const env = { ...io.env, KUBECONFIG: kubeconfig, ASTERN_HOME: dir }
  teardown.add(keepRecords(env, io))
  return {
    kubeconfig,
    namespace,
    apiUrl: access.server,
    imagePrefix,
    appDir: undefined,
    manifest: (version) =>
      manifestOf({ image: imageOf({ imagePrefix }, version), port, container }),
    workTrees,
    yes: ['--yes'],
    patienceMs: 180_000,
    reach: () => reachService(context, { access, transport, namespace }),
    env,
  }
}

function filesOf({ kubeconfig, context }: ForeignPlace, env: CliIo['env']): readonly string[] {
  if (kubeconfig !== undefined) return [resolve(kubeconfig)]
  const listed = kubeconfigFiles(env.KUBECONFIG)
  if (listed.length > 0) return listed
  if (context !== undefined) return [join(env.HOME || homedir(), '.kube', 'config')]
  throw new StepFailed('no cluster is named: --context, --kubeconfig or $KUBECONFIG does that')
}

/** One context of a kubeconfig, which speaks of another namespace. */
function kubeconfigText(access: ClusterAccess, namespace: string): string {
  const { context, cluster, user, server, tls, token } = access
  const encoded = (pem: Buffer | undefined) => pem?.toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: context, context: { cluster, user, namespace } }],
    clusters: [
      {
        name: cluster,
        cluster: {
          server,
          'certificate-authority-data': encoded(tls.ca),
          'tls-server-name': tls.serverName,
          'insecure-skip-tls-verify': tls.isInsecure,
        },
      },
    ],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': encoded(tls.cert),
          'client-key-data': encoded(tls.key),
          token,
        },
      },
    ],
  })
}

/** Starts `astern record`; returns what ends it. */
function keepRecords(env: Scene['env'], { cwd, clock }: CliIo): () => Promise<unknown> {
  const leaving = new AbortController()
  const { signal } = leaving
  const recording = runCommand(astern('record', '--yes'), { env, cwd, clock, signal })
  return () => {
    leaving.abort()
    return recording
  }
}

interface Behind {
  readonly access: ClusterAccess
  readonly transport: HttpTransport
  readonly namespace: string
}

/** Through the API server; where that does not hand requests on, by the Service's own address. */
async function reachService(
  context: Context,
  { access, transport, namespace }: Behind,
): Promise<Reach> {
  const path = `/api/v1/namespaces/${namespace}/services/app:${port}/proxy/`
  const through = reachThroughApi(context, access, path)
  const { version } = await through.ask()
  if (version !== undefined) return through
  through.close()
  const { spec } = await transport.get(services, { namespace, name: 'app' })
  return reachByUrl(`http://${spec?.clusterIP}:${port}/`)
}
