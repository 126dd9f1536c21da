import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type {
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  SleepAction,
} from '../generated/types.ts'
import { headerNameErrors, portNameErrors, portNumberErrors } from '../string-formats.ts'
import { type Errors, formatted, nonNegative, word } from './rules.ts'

type Handler = LifecycleHandler & Pick<Probe, 'grpc'>

/** The probes and hooks of a container. */
export function validateProbes(
  container: {
    readonly lifecycle?: Lifecycle
    readonly livenessProbe?: Probe
    readonly readinessProbe?: Probe
    readonly startupProbe?: Probe
  },
  path: string,
  graceSeconds: number | undefined,
): Errors {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  return [
    ...(lifecycle ? validateLifecycle(lifecycle, `${path}.lifecycle`, graceSeconds) : []),
    ...(livenessProbe ? validateOnceProbe(livenessProbe, `${path}.livenessProbe`) : []),
    ...(readinessProbe ? validateReadinessProbe(readinessProbe, `${path}.readinessProbe`) : []),
    ...(startupProbe ? validateOnceProbe(startupProbe, `${path}.startupProbe`) : []),
  ]
}

function validateLifecycle(
  { postStart, preStop, stopSignal }: Lifecycle,
  path: string,
  graceSeconds: number | undefined,
): Errors {
  const errors = [
    ...(postStart ? validateHandler(postStart, `${path}.postStart`, graceSeconds) : []),
    ...(preStop ? validateHandler(preStop, `${path}.preStop`, graceSeconds) : []),
  ]
  if (stopSignal !== undefined && !/^SIG[A-Z0-9]+([+-]\d+)?$/.test(stopSignal)) {
    errors.push(invalidValue(`${path}.stopSignal`, stopSignal, 'must be the name of a signal'))
  }
  return errors
}

/** A liveness or startup probe: one success is enough. */
function validateOnceProbe(probe: Probe, path: string): Errors {
  const errors = [...validateProbe(probe, path)]
  if (probe.successThreshold !== 1) {
    errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
  }
  return errors
}

function validateReadinessProbe(probe: Probe, path: string): Errors {
  const errors = [...validateProbe(probe, path)]
  if (probe.terminationGracePeriodSeconds !== undefined) {
    const detail = 'must not be set for readinessProbes'
    errors.push(
      invalidValue(
        `${path}.terminationGracePeriodSeconds`,
        probe.terminationGracePeriodSeconds,
        detail,
      ),
    )
  }
  return errors
}

const durations = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const

function validateProbe(probe: Probe, path: string): Errors {
  const { terminationGracePeriodSeconds: grace } = probe
  const errors = [
    ...validateHandler(probe, path, undefined),
    ...durations.flatMap((field) => nonNegative(`${path}.${field}`, probe[field])),
  ]
  if (grace !== undefined && grace <= 0) {
    const detail = 'must be greater than 0'
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, detail))
  }
  return errors
}

/** Exactly one way to act; the first one counts, any further one is refused. */
function validateHandler(handler: Handler, path: string, graceSeconds: number | undefined): Errors {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const actions: (readonly [string, (actionPath: string) => Errors])[] = []
  if (exec) {
    actions.push(['exec', (at) => (exec.command?.length ? [] : [requiredValue(`${at}.command`)])])
  }
  if (httpGet) actions.push(['httpGet', (at) => validateHttpGet(httpGet, at)])
  if (tcpSocket) {
    actions.push(['tcpSocket', (at) => validatePortReference(`${at}.port`, tcpSocket.port)])
  }
  if (grpc) actions.push(['grpc', (at) => validatePortReference(`${at}.port`, grpc.port)])
  if (sleep) actions.push(['sleep', (at) => validateSleep(sleep, at, graceSeconds)])
  const [first, ...others] = actions
  if (!first) return [requiredValue(path, 'must specify a handler type')]
  const [name, check] = first
  return [
    ...check(`${path}.${name}`),
    ...others.map(([other]) =>
      forbiddenValue(`${path}.${other}`, 'may not specify more than 1 handler type'),
    ),
  ]
}

function validateHttpGet(action: HTTPGetAction, path: string): Errors {
  const { httpHeaders = [], scheme = '' } = action
  return [
    ...(action.path ? [] : [requiredValue(`${path}.path`)]),
    ...validatePortReference(`${path}.port`, action.port),
    ...word(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']),
    ...httpHeaders.flatMap(({ name }) => formatted(`${path}.httpHeaders`, name, headerNameErrors)),
  ]
}

function validateSleep(
  { seconds }: SleepAction,
  path: string,
  graceSeconds: number | undefined,
): Errors {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
  return [invalidValue(path, seconds, detail)]
}

/** A port by its number or by its name. */
export function validatePortReference(path: string, port: number | string | undefined): Errors {
  if (typeof port === 'string') return formatted(path, port, portNameErrors)
  return portNumberErrors(port ?? 0).map((detail) => invalidValue(path, port ?? 0, detail))
}
