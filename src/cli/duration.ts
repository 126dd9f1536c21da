const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a duration as Go writes it: `1h30m`, `1.5s`, `0`. Throws Error in Go's words. */
export function parseDuration(text: string): number {
  const bare = text.replace(/^[+-]/, '')
  if (bare === '0') return 0
  if (/^(\d+\.?\d*|\.\d+)$/.test(bare)) {
    throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`)
  }
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(bare)) {
    throw new Error(`time: invalid duration ${JSON.stringify(text)}`)
  }
  let durationMs = 0
  for (const [, amount, unit = ''] of bare.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    durationMs += Number(amount) * (units[unit] ?? 0)
  }
  return text.startsWith('-') ? -durationMs : durationMs
}
