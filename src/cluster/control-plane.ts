import type { Transport } from '../api/transport.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import { transportFor } from '../apiserver/in-process-transport.ts'
import type { Context } from '../base/context.ts'
import type { Informers } from '../client/lister.ts'
import { createEventRecorder, type Recorder } from '../client/recorder.ts'
import type { Controller } from '../controller/reconciler.ts'
import { clusterRoleAggregation } from '../controllers/cluster-role-aggregation/controller.ts'
import { daemonSetController } from '../controllers/daemonset/controller.ts'
import { deploymentController } from '../controllers/deployment/controller.ts'
import { disruptionController } from '../controllers/disruption/controller.ts'
import { staleTargets } from '../controllers/disruption/stale-target.ts'
import { endpointSliceController } from '../controllers/endpointslice/controller.ts'
import { endpointsController } from '../controllers/endpointslice/endpoints-controller.ts'
import { endpointSliceMirroring } from '../controllers/endpointslice/mirroring-controller.ts'
import { garbageCollector } from '../controllers/garbage-collector/controller.ts'
import { jobController } from '../controllers/job/controller.ts'
import { namespaceController } from '../controllers/namespace/controller.ts'
import { nodeLifecycle } from '../controllers/node-lifecycle/controller.ts'
import { podGarbageCollector } from '../controllers/pod-gc/controller.ts'
import { releaseRecorders } from '../controllers/release-recorder/controller.ts'
import { replicaSetController } from '../controllers/replicaset/controller.ts'
import { resourceQuotaController } from '../controllers/resourcequota/controller.ts'
import { serviceAccountController } from '../controllers/service-account/controller.ts'
import { type SignToken, tokenController } from '../controllers/service-account/token-controller.ts'
import { statefulSetController } from '../controllers/statefulset/controller.ts'
import { taintEviction } from '../controllers/taint-eviction/controller.ts'
import { createScheduler } from '../scheduler/scheduler.ts'

const managerUser = 'system:kube-controller-manager'

/** In-process access to the API as one of its components. */
export function componentTransport(
  apiServer: ApiServer,
  user: string,
  userAgent: string,
): Transport {
  return transportFor(apiServer, { user, groups: ['system:masters'], userAgent })
}

/** The API as one of the controllers has it, or, as `informers`, what they share. */
export function managerTransport(apiServer: ApiServer, component: string): Transport {
  return componentTransport(apiServer, managerUser, component)
}

export interface ControlPlaneOptions {
  readonly context: Context
  /** The API as the component of this name has it. */
  readonly transportFor: (component: string) => Transport
  readonly informers: Informers
  /** PEM, for what runs inside the cluster. */
  readonly caCertificate: string
  readonly tokenForSecret: SignToken
}

/** The controllers, over one set of shared informers. */
export class ControlPlane {
  readonly #informers: Informers
  readonly #controllers: readonly Controller[]
  readonly #recorders: Recorder[] = []

  constructor(options: ControlPlaneOptions) {
    const { context, transportFor, informers, caCertificate, tokenForSecret } = options
    this.#informers = informers
    const parts = (name: string) => {
      const transport = transportFor(name)
      const recorder = createEventRecorder(context, { transport, component: name })
      this.#recorders.push(recorder)
      return { context, transport, recorder, informers }
    }
    this.#controllers = [
      deploymentController(parts('deployment-controller')),
      replicaSetController(parts('replicaset-controller')),
      statefulSetController(parts('statefulset-controller')),
      daemonSetController(parts('daemonset-controller')),
      jobController(parts('job-controller')),
      disruptionController(parts('disruption-controller')),
      staleTargets(parts('disruption-controller')),
      endpointSliceController(parts('endpoint-slice-controller')),
      endpointsController(parts('endpoint-controller')),
      endpointSliceMirroring(parts('endpoint-slice-mirroring-controller')),
      garbageCollector(parts('garbage-collector-controller')),
      namespaceController(parts('namespace-controller')),
      resourceQuotaController(parts('resourcequota-controller')),
      serviceAccountController({ ...parts('service-account-controller'), caCertificate }),
      tokenController({
        ...parts('tokens-controller'),
        caCertificate,
        sign: tokenForSecret,
      }),
      clusterRoleAggregation(parts('clusterrole-aggregation-controller')),
      ...releaseRecorders(parts('release-recorder')),
      nodeLifecycle(parts('node-controller')),
      taintEviction(parts('taint-eviction-controller')),
      podGarbageCollector(parts('pod-garbage-collector')),
      createScheduler(parts('default-scheduler')),
    ]
  }

  /** Resolves when the informers have synced and the controllers work. */
  async start(): Promise<void> {
    await this.#informers.start()
    for (const controller of this.#controllers) controller.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop()))
    await Promise.all(this.#recorders.map((recorder) => recorder.idle()))
    await this.#informers.stop()
  }
}
