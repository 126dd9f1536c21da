import type { Pod } from '../api/generated/types.ts'
import type { ObjectKey } from '../api/object.ts'
import { pods } from '../api/scheme.ts'
import type { ExecOptions, PodConnector, PortConnection, RemoteCommand } from '../api/seams.ts'
import { badRequest, StatusError } from '../api/status-error.ts'
import { existingEntry } from './existing-entry.ts'
import type { Caller } from './operations.ts'
import { logContainer } from './pod-log.ts'
import type { ServerContext } from './server-context.ts'

/** What a query asks for; the container may be left out where there is only one. */
export type AskedExec = Omit<ExecOptions, 'container'> & { readonly container: string | undefined }

/** The signal ends the command. Rejects with what to tell the client. */
export type StartCommand = (signal: AbortSignal) => Promise<RemoteCommand>

export interface PodPorts {
  /** For errors. */
  readonly pod: { readonly name: string; readonly uid: string }
  /** Rejects with what to tell the client. */
  connect(port: number, signal: AbortSignal): Promise<PortConnection>
}

/**
 * Commands in pods and connections to them. Each method throws what is wrong with the request (404,
 * 400, 503) and starts nothing yet.
 */
export interface PodStreams {
  podExec(caller: Caller, key: ObjectKey, asked: AskedExec): StartCommand
  /** `command` is not looked at. */
  podAttach(caller: Caller, key: ObjectKey, asked: AskedExec): StartCommand
  podPortForward(caller: Caller, key: ObjectKey): PodPorts
}

/** A pod that a node could run. Throws 404, and 400 for one that is bound to none (H-18). */
export function placedPod(context: ServerContext, key: ObjectKey): Pod {
  const pod = existingEntry(context, pods, key).object as Pod
  if (pod.spec?.nodeName) return pod
  throw badRequest(`pod ${key.name} does not have a host assigned`)
}

/**
 * The container that exec or attach mean, and how. Throws 404, 400 with upstream's texts (H-18).
 */
export function streamTarget(
  context: ServerContext,
  key: ObjectKey,
  asked: AskedExec,
): { readonly pod: Pod; readonly options: ExecOptions } {
  const pod = existingEntry(context, pods, key).object as Pod
  const container = logContainer(pod, asked.container)
  return { pod: placedPod(context, key), options: { ...asked, container } }
}

/** Throws 503 while no node is connected that could do it. */
export function connectorMethod<M extends keyof PodConnector>(
  connector: Partial<PodConnector> | undefined,
  method: M,
): PodConnector[M] {
  const found = connector?.[method]
  if (found) return found as PodConnector[M]
  throw new StatusError('ServiceUnavailable', `no node is connected for ${method}`)
}
