import type {
  Container,
  EnvVarSource,
  HTTPGetAction,
  LifecycleHandler,
  ObjectFieldSelector,
  Probe,
} from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'

const path = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/.source
const host = /(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/.source
const imageReference = new RegExp(
  `^(?:${host}/)?${path}(?:/${path})*(?::(\\w[\\w.-]{0,127}))?(@[A-Za-z][\\w+.-]*:[0-9a-fA-F]{32,})?$`,
)

/**
 * Always for `latest`, given or implied; IfNotPresent for all else, what is no reference
 * included.
 */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const match = imageReference.exec(image)
  if (match === null) return 'IfNotPresent'
  const [, tag, digest] = match
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent'
}

function defaultHttpGet(action: HTTPGetAction): HTTPGetAction {
  return fill(action, { path: '/', scheme: 'HTTP' })
}

/** */
export function defaultProbe(probe: Probe): Probe {
  const filled = fill(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })
  const withHttp = change(filled, 'httpGet', defaultHttpGet)
  return change(withHttp, 'grpc', (grpc) => fill(grpc, { service: '' }))
}

function defaultHandler(handler: LifecycleHandler): LifecycleHandler {
  return change(handler, 'httpGet', defaultHttpGet)
}

export function defaultFieldRef(selector: ObjectFieldSelector): ObjectFieldSelector {
  return fill(selector, { apiVersion: 'v1' })
}

function defaultEnvSource(source: EnvVarSource): EnvVarSource {
  return change(source, 'fieldRef', defaultFieldRef)
}

/** the same for regular, init and ephemeral containers. */
export function defaultContainer<C extends Container>(container: C): C {
  let result: Container = fill<Container>(container, {
    imagePullPolicy: defaultPullPolicy(container.image ?? ''),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: Object.freeze({}),
  })
  result = change(result, 'ports', (ports) =>
    changeEach(ports, (port) => fill(port, { protocol: 'TCP' })),
  )
  result = change(result, 'env', (env) =>
    changeEach(env, (variable) => change(variable, 'valueFrom', defaultEnvSource)),
  )
  result = change(result, 'livenessProbe', defaultProbe)
  result = change(result, 'readinessProbe', defaultProbe)
  result = change(result, 'startupProbe', defaultProbe)
  result = change(result, 'lifecycle', (lifecycle) =>
    change(change(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler),
  )
  return result as C
}
