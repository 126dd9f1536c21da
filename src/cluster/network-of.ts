import { realpathSync } from 'node:fs'
import { PodNetwork } from '../node/network/pod-network.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Settings } from './settings.ts'

/** What gives pods networks of their own, if that is how these data were made. */
export function networkOf(
  { path }: DataDirectory,
  { podNetwork, podCidr, serviceCidr, cniConfDir: confDir }: Settings,
): PodNetwork | undefined {
  if (podNetwork !== 'cni' || podCidr === undefined) return undefined
  return new PodNetwork({ dataDir: realpathSync(path), serviceCidr, podCidr, confDir })
}
