import type {
  DownwardAPIVolumeFile,
  ProjectedVolumeSource,
  Volume,
  VolumeProjection,
} from '../generated/types.ts'
import { defaultFieldRef } from './container.ts'
import { change, changeEach, fill } from './copy-on-change.ts'

/** rw-r--r-- */
const fileMode = 0o644
const tokenLifetimeSeconds = 3600

function defaultFiles(files: readonly DownwardAPIVolumeFile[]): readonly DownwardAPIVolumeFile[] {
  return changeEach(files, (file) => change(file, 'fieldRef', defaultFieldRef))
}

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const withToken = change(projection, 'serviceAccountToken', (token) =>
    fill(token, { expirationSeconds: tokenLifetimeSeconds }),
  )
  return change(withToken, 'downwardAPI', (source) => change(source, 'items', defaultFiles))
}

function defaultProjected(source: ProjectedVolumeSource): ProjectedVolumeSource {
  return change(fill(source, { defaultMode: fileMode }), 'sources', (sources) =>
    changeEach(sources, defaultProjection),
  )
}

/** A volume without a source is an emptyDir; files of the API's own sources are rw-r--r--. */
export function defaultVolume(volume: Volume): Volume {
  const hasSource = Object.entries(volume).some(
    ([key, source]) => key !== 'name' && source !== undefined,
  )
  if (!hasSource) return Object.freeze({ ...volume, emptyDir: Object.freeze({}) })
  let result = change(volume, 'secret', (source) => fill(source, { defaultMode: fileMode }))
  result = change(result, 'configMap', (source) => fill(source, { defaultMode: fileMode }))
  result = change(result, 'hostPath', (source) => fill(source, { type: '' }))
  result = change(result, 'downwardAPI', (source) =>
    change(fill(source, { defaultMode: fileMode }), 'items', defaultFiles),
  )
  return change(result, 'projected', defaultProjected)
}
