import type { KubeObject } from '../api/object.ts'

/**
 * Writes Events (the API kind) about objects; never throws, never waits: an Event lost is only
 * logged.
 */
export interface EventRecorder {
  /**
   * `fieldPath` names a part of the object, such as `spec.containers{app}`. Identical Events are
   * merged: count rises (G-53).
   */
  event(
    about: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    fieldPath?: string,
  ): void
}
