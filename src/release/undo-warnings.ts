import type { PodTemplateSpec } from '../api/generated/types.ts'
import { isJsonObject, type JsonValue } from '../api/json.ts'
import type { KubeObject } from '../api/object.ts'
import type { PatchAdvisor } from '../api/seams.ts'
import { type Provenance, writingOf } from './provenance.ts'
import { isSameTemplate } from './template.ts'

/**
 * What the embedded engine answers to a raw `kubectl rollout undo`: which commit it leaves behind,
 * for Git still has that one, and the next deploy brings it back. Nothing where nobody said where
 * the template came from.
 */
export const undoWarnings: PatchAdvisor = ({ patch, before, after }) => {
  const [old, now] = [templateIn(before), templateIn(after)]
  if (!isUndo(patch.body) || !old || !now || isSameTemplate(old, now)) return []
  const left = writingOf(before.metadata.annotations, old)?.provenance
  if (!left?.commit) return []
  const to = writingOf(after.metadata.annotations, now)?.provenance
  const where = to?.commit ? ` goes back to ${commitText(to)} and` : ''
  const who = `${before.kind.toLowerCase()}/${before.metadata.name}`
  return [
    `this undo${where} leaves ${commitText(left)} behind: Git still has it, and the next deploy brings it back; \`astern rollback ${who}\` moves both`,
  ]
}

function commitText({ commit = '', subject }: Provenance): string {
  return `commit ${commit.slice(0, 12)}${subject ? ` (${subject})` : ''}`
}

function templateIn(object: KubeObject): PodTemplateSpec | undefined {
  const { spec } = object as { readonly spec?: { readonly template?: PodTemplateSpec } }
  return spec?.template
}

/**
 * The wire form of an undo: of a Deployment template and annotations are replaced (B-80), of the
 * other kinds the template as a whole (G-42). Everybody else patches parts, or more.
 */
function isUndo(body: JsonValue): boolean {
  if (Array.isArray(body)) {
    const paths = body.map((operation) => isJsonObject(operation) && operation.path)
    return paths.sort().join() === '/metadata/annotations,/spec/template'
  }
  const spec = isJsonObject(body) && Object.keys(body).join() === 'spec' ? body.spec : undefined
  const template = isJsonObject(spec) ? spec.template : undefined
  return isJsonObject(template) && template.$patch === 'replace'
}
