/** What has been started, to be ended in reverse order: also when starting fails half-way. */
export class Teardown {
  readonly #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  /** Runs every step, also after one fails; then throws the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}

type Results<T> = { -readonly [Index in keyof T]: Awaited<T[Index]> }

/**
 * Like `Promise.all`, but rejects only when all have come to an end: what did start can then be
 * ended.
 */
export async function allStarted<const T extends readonly Promise<unknown>[]>(
  starting: T,
): Promise<Results<T>> {
  await Promise.allSettled(starting)
  return (await Promise.all(starting)) as Results<T>
}
