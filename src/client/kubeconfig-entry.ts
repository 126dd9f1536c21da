import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { JsonObject } from '../api/json.ts'

/** A kubeconfig that cannot be used; the message says which file, and what is wrong in it. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
  /** What to do next. */
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** One named cluster, user or context. */
export class KubeconfigEntry {
  readonly file: string
  readonly kind: string
  readonly name: string
  readonly fields: JsonObject

  constructor(file: string, kind: string, entry: JsonObject) {
    const fields = entry[kind]
    this.file = file
    this.kind = kind
    this.name = String(entry.name)
    this.fields = typeof fields === 'object' ? (fields as JsonObject) : {}
  }

  /** `user "admin" in FILE`. */
  toString(): string {
    return `${this.kind} ${JSON.stringify(this.name)} in ${this.file}`
  }

  /** Undefined when the field is absent or empty. */
  text(field: string): string | undefined {
    const value = this.fields[field]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value === 'string') return value
    throw new KubeconfigError(`${field} of ${this} is not a string`)
  }

  /**
   * `FIELD-data` in base64, else the content of the file that `FIELD` names, relative to the
   * kubeconfig.
   */
  bytes(field: string): Buffer | undefined {
    const data = this.text(`${field}-data`)
    if (data !== undefined) return Buffer.from(data, 'base64')
    const file = this.text(field)
    return file === undefined ? undefined : this.readFile(field, file)
  }

  readFile(field: string, file: string): Buffer {
    const path = resolve(dirname(this.file), file)
    try {
      return readFileSync(path)
    } catch (error) {
      const { message } = error as Error
      throw new KubeconfigError(`cannot read the ${field} of ${this}: ${message}`)
    }
  }
}
