import { changeCauseAnnotation } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { Flags } from './flags.ts'
import type { Invocation } from './kubectl-command.ts'

/** The object with an annotation set. */
export function withAnnotation(object: KubeObject, name: string, value: string): KubeObject {
  const { metadata } = object
  const annotations = { ...metadata?.annotations, [name]: value }
  return { ...object, metadata: { ...metadata, annotations } }
}

/** With `--record`, the object with the command line as its cause (G-10). */
export function recorded(
  object: KubeObject,
  { flags, changeCause }: Pick<Invocation, 'changeCause'> & { readonly flags: Flags },
): KubeObject {
  return flags.boolean('record')
    ? withAnnotation(object, changeCauseAnnotation, changeCause)
    : object
}
