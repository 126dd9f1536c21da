/**
 * A duration as people read it (G-51): two units at most, fewer as it grows. Negative by up to a
 * second counts as zero, beyond that it is `<invalid>`.
 */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return `${minutes}m${rest(seconds % 60, 's')}`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return `${hours}h${rest(minutes % 60, 'm')}`
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 192) return `${days}d${rest(hours % 24, 'h')}`
  if (days < 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  if (days < 365 * 8) return `${years}y${rest(days % 365, 'd')}`
  return `${years}y`
}

function rest(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`
}

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function ageOf(time: string | undefined, nowMs: number): string {
  return time === undefined ? '<unknown>' : humanDuration(nowMs - Date.parse(time))
}
