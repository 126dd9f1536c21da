/** Which client has been seen to do what. */
export class Matrix {
  readonly #rows = new Map<string, Map<string, boolean>>()

  /** Runs a verb with every client at the same time; rejects with what the first one got wrong. */
  async row<T extends { readonly client: string }>(
    verb: string,
    clients: readonly T[],
    run: (client: T) => Promise<void>,
  ): Promise<void> {
    const outcomes = await Promise.allSettled(clients.map(run))
    const row = this.#rows.get(verb) ?? new Map<string, boolean>()
    this.#rows.set(verb, row)
    for (const [index, { client }] of clients.entries()) {
      row.set(client, outcomes[index]?.status === 'fulfilled')
    }
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** The table: a line per verb, a column per client. */
  text(): string {
    const clients = [...new Set([...this.#rows.values()].flatMap((row) => [...row.keys()]))]
    const width = Math.max(4, ...[...this.#rows.keys()].map((verb) => verb.length))
    const marks = (row: ReadonlyMap<string, boolean>) =>
      clients.map((client) => {
        const isDone = row.get(client)
        return (isDone === undefined ? '-' : isDone ? 'ok' : 'FAILS').padEnd(client.length)
      })
    const lines = [...this.#rows].map(([verb, row]) => [verb.padEnd(width), ...marks(row)])
    return [['verb'.padEnd(width), ...clients], ...lines]
      .map((cells) => cells.join('  '))
      .join('\n')
  }
}
