import type { Body } from './body.ts'

/** Where bodies run. */
export interface Place {
  /** Why a body cannot run here; undefined if it can. */
  reasonAgainst(body: Body): string | undefined
  run(body: Body): Promise<void>
  close(): Promise<void>
}
