import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Workload } from '../../rollout/workload.ts'
import { ReleaseError } from '../release-error.ts'
import { isSameTemplate, templateFingerprint } from '../template.ts'
import type { Journal } from './journal.ts'

export interface ClusterStep {
  readonly context: Pick<Context, 'clock' | 'prng'>
  readonly transport: Transport
  readonly object: Workload
  readonly journal: Journal
}

/** Somebody else deployed while Git was moved: what they made is left as it is. */
export class Overtaken extends ReleaseError {
  override readonly name = 'Overtaken'

  constructor(name: string) {
    super(`somebody else has changed ${name} meanwhile: the cluster is left as they made it`)
  }
}

/** Rejects with Overtaken unless the live template is the one that was left, or the target. */
export function refuseOvertaken({ journal }: ClusterStep, live: Workload): void {
  const template = live.spec?.template ?? {}
  const isLeft = templateFingerprint(template) === journal.from.template
  if (isLeft || isSameTemplate(template, journal.target.template)) return
  throw new Overtaken(live.metadata.name ?? '')
}
