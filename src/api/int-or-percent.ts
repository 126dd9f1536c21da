const percentText = /^[0-9]+%$/

/** `'25%'` -> 25; undefined for anything that is not digits and a percent sign. */
export function percentOf(value: number | string): number | undefined {
  return typeof value === 'string' && percentText.test(value)
    ? Number(value.slice(0, -1))
    : undefined
}

/**
 * The count an int-or-percent means out of `total` (B-30): a number as it is, a percentage rounded
 * up (maxSurge) or down (maxUnavailable). Throws RangeError for a string that is no percentage,
 * which validation never lets through.
 */
export function resolveIntOrPercent(
  value: number | string,
  total: number,
  rounding: 'up' | 'down',
): number {
  if (typeof value === 'number') return value
  const percent = percentOf(value)
  if (percent === undefined) {
    throw new RangeError(`neither a number nor a percentage: ${JSON.stringify(value)}`)
  }
  const share = (percent * total) / 100
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share)
}
