import { execFile } from 'node:child_process'
import type { JsonObject } from '../../src/api/json.ts'
import { applyPatch } from '../../src/api/patch/apply-patch.ts'
import { kubectlBinary } from '../kubectl-binary.ts'

/**
 * The object after a patch by stock kubectl, which needs no server for this; undefined when it
 * refuses.
 */
export function byKubectl(object: JsonObject, patch: JsonObject): Promise<JsonObject | undefined> {
  const body = JSON.stringify(patch)
  const flags = ['patch', '--local', '-f', '-', '--type', 'strategic', '-p', body, '-o', 'json']
  return new Promise((resolve) => {
    const child = execFile(kubectlBinary('36'), flags, (error, stdout) => {
      resolve(error ? undefined : (JSON.parse(stdout) as JsonObject))
    })
    child.stdin?.end(JSON.stringify(object))
  })
}

/** The same by Astern. */
export function byAstern(object: JsonObject, body: JsonObject): JsonObject | undefined {
  const type = 'application/strategic-merge-patch+json'
  try {
    return applyPatch({ kind: object.kind as string }, object, { type, body })
  } catch {
    return undefined
  }
}
