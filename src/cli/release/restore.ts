import type { Deployment } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { applyPatch } from '../../api/patch/apply-patch.ts'
import { deployments } from '../../api/scheme.ts'
import { busyTriesMax, retryOnConflict } from '../../client/retry-on-conflict.ts'
import { applierOf } from '../../release/applier.ts'
import { applyConfig, takeOver } from '../../release/apply-exactly.ts'
import { type Drift, readDrift } from '../../release/drift.ts'
import { findManifest, manifestsAt } from '../../release/manifests/git-manifests.ts'
import { observeWorkload } from '../../release/observe-workload.ts'
import { prepareRollback, runRollback } from '../../release/rollback/rollback.ts'
import type { RollbackReport } from '../../release/rollback/transaction.ts'
import { defaultedDeployment } from '../../release/template.ts'
import { personAt } from '../apply/sign.ts'
import type { Invocation } from '../kubectl-command.ts'
import { neededApp } from './compared-commit.ts'
import type { ReleaseSession } from './release-session.ts'

/** What live is at a commit's. */
export async function driftFrom(session: ReleaseSession, commit: string): Promise<Drift> {
  const { transport, workload } = session
  const observed = (await observeWorkload(transport, workload)) ?? session.observed
  return readDrift(transport, observed, { app: neededApp(session).app, workload, commit })
}

/**
 * `drift --restore`: the cluster becomes what Git has. Configuration and template as one
 * transaction with its guards; then what else Git says of the Deployment.
 */
export async function restore(
  { flags }: Invocation,
  session: ReleaseSession,
  commit: string,
): Promise<RollbackReport> {
  const { io, context, transport, workload } = session
  const found = neededApp(session)
  const { repository } = found.app
  const by = await personAt(io, repository)
  const reason = flags.text('reason')
  const transaction = { context, transport, workload, repository, signal: io.signal }
  const prepared = await prepareRollback(transaction, {
    to: { type: 'to', text: commit },
    git: { ...found, publish: { type: 'local' } },
    gitHasIt: true,
    shared: flags.boolean('shared'),
    resume: flags.boolean('resume'),
    ...(by && { by }),
    ...(reason && { reason }),
    ...(session.lookUpImage && { lookUpImage: session.lookUpImage }),
  })
  const report = await runRollback(transaction, prepared)
  await restoreRest(session, commit)
  return report
}

/** Size, strategy, labels: whatever of the Deployment is not its template and still differs. */
async function restoreRest(session: ReleaseSession, commit: string): Promise<void> {
  const { context, transport, workload } = session
  const { objects } = await driftFrom(session, commit)
  const own = objects.find(({ object }) => object === `Deployment/${workload.name}`)
  const manifests = await manifestsAt(neededApp(session).app, commit)
  const manifest = findManifest(manifests, workload)?.object
  if (!own || !manifest) return
  const isSized = own.fields.some(({ path }) => path === 'spec.replicas')
  // What was just restored rolls out: its status is written all the time.
  const attempt = () => writeRest({ transport, workload }, manifest, isSized)
  await retryOnConflict(context, attempt, busyTriesMax)
}

async function writeRest(
  { transport, workload: { namespace, name } }: Pick<ReleaseSession, 'transport' | 'workload'>,
  manifest: JsonObject,
  isSized: boolean,
): Promise<void> {
  const live = await transport.get(deployments, { namespace, name })
  const body = restPatch(live, manifest, isSized)
  const applier = applierOf(live)
  if (applier.entry) {
    const wanted = applyPatch(deployments, live as unknown as JsonObject, mergePatch(body))
    const { manager } = applier
    const exact = { live, manager, config: manifest, wanted: wanted as JsonObject }
    const on = await takeOver(transport, deployments, exact)
    await applyConfig(transport, deployments, { on, manager, config: manifest })
    return
  }
  const options = { fieldManager: applier.manager }
  await transport.patch(deployments, { namespace, name }, mergePatch(body), options)
}

function mergePatch(body: JsonObject) {
  return { type: 'application/merge-patch+json', body } as const
}

/** What live has and Git has not goes. */
function restPatch(live: Deployment, manifest: JsonObject, isSized: boolean): JsonObject {
  const given = isJsonObject(manifest.metadata) ? manifest.metadata : {}
  const { template, selector, replicas, strategy, ...rest } = defaultedDeployment(manifest)
    .spec as NonNullable<Deployment['spec']>
  const untouched = new Set(['template', 'selector', 'replicas', 'strategy'])
  const gone = Object.keys(live.spec ?? {}).filter((key) => !untouched.has(key))
  const spec = {
    ...Object.fromEntries(gone.map((key) => [key, null])),
    ...rest,
    strategy: { rollingUpdate: null, ...strategy },
    ...(isSized && { replicas }),
  }
  const metadata = {
    ...(given.labels !== undefined && { labels: given.labels }),
    ...(given.annotations !== undefined && { annotations: given.annotations }),
  }
  return { metadata, spec: spec as unknown as JsonValue }
}
