export interface SlowStartResult {
  readonly succeeded: number
  /** The first error of the batch that failed; the batches after it were not tried. */
  readonly error?: unknown
}

/**
 * Calls `create` `count` times in batches of 1, 2, 4, 8..., each after the former has settled; the
 * first batch with an error stops the rest, so that a creation which cannot succeed costs one
 * failed call per pass (C-06). Never rejects.
 */
export async function slowStart(
  count: number,
  create: (index: number) => Promise<unknown>,
): Promise<SlowStartResult> {
  let succeeded = 0
  for (let begun = 0, size = 1; begun < count; size *= 2) {
    const batch = Array.from({ length: Math.min(size, count - begun) }, (_, i) => create(begun + i))
    begun += batch.length
    const results = await Promise.allSettled(batch)
    const failed = results.filter((result) => result.status === 'rejected')
    succeeded += results.length - failed.length
    if (failed[0]) return { succeeded, error: failed[0].reason }
  }
  return { succeeded }
}
