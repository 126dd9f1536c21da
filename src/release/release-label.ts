/** `r7`. */
export function releaseLabel(number: number): string {
  return `r${number}`
}

/** 7 for `r7`; undefined for what is no release. */
export function parseReleaseLabel(text: string): number | undefined {
  return /^r[1-9]\d{0,8}$/.test(text) ? Number(text.slice(1)) : undefined
}
