import { decodeObject } from '../decode.ts'
import { decodeModel } from '../decode-model.ts'
import { applyDefaults } from '../defaults/apply-defaults.ts'
import type { JsonObject } from '../json.ts'
import { deepFreeze } from '../json.ts'
import type { Resource } from '../resource.ts'
import { apiVersionOf } from '../resource.ts'
import { modelSchema } from '../schema.ts'
import { checkConfig } from './applied-config.ts'
import { applyConfig } from './apply.ts'
import { compareObjects } from './compare.ts'
import { emptySet, type FieldSet } from './field-set.ts'
import { objectType } from './field-type.ts'
import { type Manager, type Managers, recordUpdate, setOf } from './managers.ts'

interface ApplyOptions {
  readonly force?: boolean
  readonly conceded?: FieldSet
  readonly resets?: FieldSet
}

/** One object that several managers write, with nothing around it: no server, no store. */
export class Shared {
  readonly resource: Resource
  object: JsonObject
  managers: Managers = []
  #seconds = 0

  constructor(resource: Resource) {
    this.resource = resource
    this.object = decodeModel(modelSchema(resource.kind), {}).value as JsonObject
  }

  complete(object: JsonObject): JsonObject {
    const { object: decoded } = decodeObject(this.resource, { value: object }, 'Ignore')
    return applyDefaults(this.resource, decoded) as unknown as JsonObject
  }

  apply(manager: string, parts: JsonObject, options: ApplyOptions = {}): this {
    const { kind } = this.resource
    const config = checkConfig(kind, { apiVersion: this.apiVersion, kind, ...parts })
    const { object, managers } = applyConfig({
      type: objectType(kind),
      live: this.object,
      config: deepFreeze(config),
      managers: this.managers,
      who: this.#who(manager, 'Apply'),
      time: this.#time(),
      force: options.force === true,
      resets: options.resets ?? emptySet,
      complete: (merged) => this.complete(merged),
      conceded: () => options.conceded ?? emptySet,
    })
    this.object = deepFreeze(object)
    this.managers = deepFreeze(managers)
    return this
  }

  update(manager: string, change: (object: JsonObject) => JsonObject): this {
    const next = this.complete(change(this.object))
    const changes = compareObjects(objectType(this.resource.kind), this.object, next)
    const who = this.#who(manager, 'Update')
    this.managers = deepFreeze(recordUpdate(this.managers, changes, { who, time: this.#time() }))
    this.object = deepFreeze(next)
    return this
  }

  /** What a manager owns by this operation. */
  owned(manager: string, operation: Manager['operation'] = 'Apply'): FieldSet {
    const entry = this.managers.find((e) => e.manager === manager && e.operation === operation)
    return entry ? setOf(entry) : emptySet
  }

  get apiVersion(): string {
    return apiVersionOf(this.resource)
  }

  #who(manager: string, operation: Manager['operation']): Manager {
    return { manager, operation, apiVersion: this.apiVersion }
  }

  #time(): string {
    this.#seconds += 1
    return new Date(this.#seconds * 1000).toISOString().replace('.000Z', 'Z')
  }
}
