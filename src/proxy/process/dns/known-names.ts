import type { NameRecords, NameTable } from '../../protocol.ts'

/** A table of names, made to be asked. */
export class KnownNames {
  readonly domain: string
  readonly #records: ReadonlyMap<string, NameRecords>
  readonly #above = new Set<string>()

  constructor({ names, domain }: Pick<NameTable, 'names' | 'domain'>) {
    this.domain = domain
    this.#records = new Map(Object.entries(names))
    for (const name of [domain, ...this.#records.keys()]) this.#addAbove(name)
  }

  find(name: string): NameRecords | undefined {
    return this.#records.get(canonical(name))
  }

  /** Nobody else knows such names. */
  isOurs(name: string): boolean {
    const asked = canonical(name)
    return asked === this.domain || asked.endsWith(`.${this.domain}`) || this.#records.has(asked)
  }

  /** It exists, if only because of the names below it. */
  exists(name: string): boolean {
    return this.#above.has(canonical(name))
  }

  #addAbove(name: string): void {
    for (let at = name; !this.#above.has(at); at = at.slice(at.indexOf('.') + 1)) {
      this.#above.add(at)
      if (!at.includes('.')) return
    }
  }
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
