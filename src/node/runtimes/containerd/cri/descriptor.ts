import { criMessages, criMethods } from './messages.ts'

type Field =
  | { readonly type: string; readonly id: number; readonly rule?: 'repeated' }
  | { readonly type: string; readonly id: number; readonly keyType: 'string' }

function fieldOf(text: string): Field {
  const [, rule, type = '', id] = /^(repeated )?(\w+) (\d+)$/.exec(text) ?? []
  if (type === 'map') return { keyType: 'string', type: 'string', id: Number(id) }
  return { type, id: Number(id), ...(rule && { rule: 'repeated' as const }) }
}

/** The protocol as protobuf.js describes one in JSON. */
export function criDescriptor(): object {
  const messages = Object.entries(criMessages).map(([name, fields]) => {
    const described = Object.entries(fields).map(([field, text]) => [field, fieldOf(text)])
    return [name, { fields: Object.fromEntries(described) }]
  })
  const services = ['RuntimeService', 'ImageService'].map((service) => {
    const methods = Object.entries(criMethods)
      .filter(([, [of]]) => of === service)
      .map(([name, [, requestType, responseType]]) => [name, { requestType, responseType }])
    return [service, { methods: Object.fromEntries(methods) }]
  })
  const v1 = { nested: Object.fromEntries([...messages, ...services]) }
  return { nested: { runtime: { nested: { v1 } } } }
}
