import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { applyPatch } from '../../api/patch/apply-patch.ts'
import { required } from '../../base/assert.ts'
import { busyTriesMax, retryOnConflict } from '../../client/retry-on-conflict.ts'
import { applierOf } from '../../release/applier.ts'
import { applyConfig, takeOver } from '../../release/apply-exactly.ts'
import { type Drift, readDrift } from '../../release/drift.ts'
import { findManifest, manifestsAt } from '../../release/manifests/git-manifests.ts'
import { observeWorkload } from '../../release/observe-workload.ts'
import { prepareRollback, runRollback } from '../../release/rollback/rollback.ts'
import type { RollbackReport } from '../../release/rollback/transaction.ts'
import { defaultedWorkload } from '../../release/template.ts'
import { rulesOf } from '../../release/workload/rules-of.ts'
import { type Workload, workloadResource } from '../../rollout/workload.ts'
import { personAt } from '../apply/sign.ts'
import type { Invocation } from '../kubectl-command.ts'
import { neededApp } from './compared-commit.ts'
import type { ReleaseSession } from './release-session.ts'
import { warningsOf } from './rollback.ts'

/** What live is at a commit's. */
export async function driftFrom(session: ReleaseSession, commit: string): Promise<Drift> {
  const { transport, workload } = session
  const observed = (await observeWorkload(transport, workload)) ?? session.observed
  return readDrift(transport, observed, { app: neededApp(session).app, workload, commit })
}

/**
 * `drift --restore`: the cluster becomes what Git has. Configuration and template as one
 * transaction with its guards; then what else Git says of the workload.
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
  for (const warning of warningsOf(prepared)) io.stderr.write(`${warning}\n`)
  const report = await runRollback(transaction, prepared)
  await restoreRest(session, commit)
  return report
}

/** Size, strategy, labels: whatever of the workload is not its template and still differs. */
async function restoreRest(session: ReleaseSession, commit: string): Promise<void> {
  const { context, transport, workload } = session
  const { objects } = await driftFrom(session, commit)
  const own = objects.find(({ object }) => object === `${workload.kind}/${workload.name}`)
  const manifests = await manifestsAt(neededApp(session).app, commit)
  const manifest = findManifest(manifests, workload)?.object
  if (!own || !manifest) return
  const isSized = own.fields.some(({ path }) => path === 'spec.replicas')
  // What was just restored rolls out: its status is written all the time.
  const attempt = () => writeRest({ transport, workload }, manifest, isSized)
  await retryOnConflict(context, attempt, busyTriesMax)
}

async function writeRest(
  { transport, workload }: Pick<ReleaseSession, 'transport' | 'workload'>,
  manifest: JsonObject,
  isSized: boolean,
): Promise<void> {
  const { kind, namespace, name } = workload
  const resource = workloadResource(kind)
  const live = await transport.get(resource, { namespace, name })
  const body = restPatch(live, manifest, isSized)
  const applier = applierOf(live)
  if (applier.entry) {
    const wanted = applyPatch(resource, live as unknown as JsonObject, mergePatch(body))
    const { manager } = applier
    const exact = { live, manager, config: manifest, wanted: wanted as JsonObject }
    const on = await takeOver(transport, resource, exact)
    await applyConfig(transport, resource, { on, manager, config: manifest })
    return
  }
  const options = { fieldManager: applier.manager }
  await transport.patch(resource, { namespace, name }, mergePatch(body), options)
}

function mergePatch(body: JsonObject) {
  return { type: 'application/merge-patch+json', body } as const
}

/** What live has and Git has not goes. */
function restPatch(live: Workload, manifest: JsonObject, isSized: boolean): JsonObject {
  const given = isJsonObject(manifest.metadata) ? manifest.metadata : {}
  const { spec } = required(defaultedWorkload(manifest), 'a workload')
  const meant = spec as unknown as JsonObject
  const kept = new Set(['template', 'replicas', ...rulesOf(live).fixedFields])
  const names = [...Object.keys(live.spec ?? {}), ...Object.keys(meant)]
  const rest = names.flatMap((name) => (kept.has(name) ? [] : [[name, wanted(name, meant)]]))
  const metadata = {
    ...(given.labels !== undefined && { labels: given.labels }),
    ...(given.annotations !== undefined && { annotations: given.annotations }),
  }
  const size = isSized && meant.replicas !== undefined ? { replicas: meant.replicas } : {}
  return { metadata, spec: { ...Object.fromEntries(rest), ...size } }
}

/** Of a strategy without parameters nothing must be left of those that there were. */
function wanted(name: string, meant: JsonObject): JsonValue {
  const value = meant[name] ?? null
  const isStrategy = name === 'strategy' || name === 'updateStrategy'
  return isStrategy && isJsonObject(value) ? { rollingUpdate: null, ...value } : value
}
