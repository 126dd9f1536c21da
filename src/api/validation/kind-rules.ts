import type { KubeObject } from '../object.ts'
import type { Errors } from './rules.ts'

/**
 * What is checked of one kind. Every object is decoded and defaulted before; nothing here throws or
 * changes anything.
 */
export interface KindRules<T extends KubeObject = KubeObject> {
  create(object: T): Errors
  update(next: T, previous: T): Errors
  /**
   * Writes through `/status`; the caller has already carried over what they may not change.
   */
  statusUpdate?(next: T, previous: T): Errors
  /** Advice that goes with a success (H-21). */
  warnings?(object: T): readonly string[]
  /** What nobody does for objects of this kind here, and what to do instead: told on creation. */
  readonly notDone?: string
}
