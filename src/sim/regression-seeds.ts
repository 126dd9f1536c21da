/** Seeds that have found something once, and what it was: they run before all others. */
export const regressionSeeds: readonly (readonly [seed: number, found: string])[] = [
  [203, 'a DaemonSet took pods of a former one of its name for updated'],
]
