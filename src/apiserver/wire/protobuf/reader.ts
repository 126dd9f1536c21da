import { badRequest, type StatusError } from '../../../api/status-error.ts'

/** One field as it lies in a message. */
export interface RawField {
  readonly number: number
  readonly value: RawValue
}

/** A varint as unsigned 64 bits, or the bytes of anything longer. */
export type RawValue = bigint | Buffer

export function malformed(what: string): StatusError {
  return badRequest(`the body is not a valid protobuf message: ${what}`)
}

/** The fields of a protobuf message, in order. Throws BadRequest. */
export function* fieldsIn(message: Buffer): Generator<RawField> {
  let position = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[position++]
      if (byte === undefined) throw malformed('it ends in the middle of a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw malformed('a number is longer than ten bytes')
  }
  const take = (length: number): Buffer => {
    if (length > message.length - position) throw malformed('it ends in the middle of a field')
    position += length
    return message.subarray(position - length, position)
  }
  while (position < message.length) {
    const tag = Number(varint())
    yield { number: tag >>> 3, value: readValue(tag & 7, varint, take) }
  }
}

function readValue(
  wireType: number,
  varint: () => bigint,
  take: (length: number) => Buffer,
): RawValue {
  switch (wireType) {
    case 0:
      return varint()
    case 1:
      return take(8)
    case 2:
      return take(Number(varint()))
    case 5:
      return take(4)
    default:
      throw malformed(`wire type ${wireType} is not used by Kubernetes`)
  }
}

export function bytesOf(value: RawValue): Buffer {
  if (typeof value === 'bigint') throw malformed('a number stands where bytes belong')
  return value
}

export function textOf(value: RawValue): string {
  return bytesOf(value).toString('utf8')
}

/** A signed integer: a number where it is safe as one. */
export function integerIn(value: RawValue): number | bigint {
  if (typeof value !== 'bigint') throw malformed('bytes stand where a number belongs')
  const signed = BigInt.asIntN(64, value)
  const number = Number(signed)
  return Number.isSafeInteger(number) ? number : signed
}
