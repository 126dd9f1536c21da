import type { PodSpec, PodTemplateSpec } from '../generated/types.ts'
import { defaultContainer } from './container.ts'
import { change, changeEach, fill } from './copy-on-change.ts'
import { defaultVolume } from './volume.ts'

/** The account stands under its deprecated name too, whichever was given; the new name wins. */
function mirrorServiceAccount(spec: PodSpec): PodSpec {
  const account = spec.serviceAccountName ?? spec.serviceAccount
  if (account === spec.serviceAccountName && account === spec.serviceAccount) return spec
  return Object.freeze({ ...spec, serviceAccountName: account, serviceAccount: account })
}

/** A-08..A-10: what holds for pods and for templates alike. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  let result = fill(mirrorServiceAccount(spec), {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    securityContext: Object.freeze({}),
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  })
  result = change(result, 'containers', (list) => changeEach(list, defaultContainer))
  result = change(result, 'initContainers', (list) => changeEach(list, defaultContainer))
  result = change(result, 'ephemeralContainers', (list) => changeEach(list, defaultContainer))
  return change(result, 'volumes', (volumes) => changeEach(volumes, defaultVolume))
}

/** Must have run on both sides before templates are compared or hashed. Idempotent. */
export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  return change(template, 'spec', defaultPodSpec)
}
