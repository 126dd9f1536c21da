/** Bytes by what RFC 9110 allows them in, as tables: one look-up per byte. */

const tokenText = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

function tableOf(isMember: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isMember(byte) ? 1 : 0))
}

/** In methods and field names. */
export const isTokenByte = tableOf((byte) => tokenText.includes(String.fromCharCode(byte)))

/** In field values: visible, space, tab, and bytes over 127. */
export const isValueByte = tableOf((byte) => byte === 9 || (byte >= 32 && byte !== 127))

/** In a request's target. */
export const isTargetByte = tableOf((byte) => byte > 32 && byte !== 127)

/** The value of a hexadecimal digit, 255 for other bytes. */
export const hexValue = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = String.fromCharCode(byte)
  return /[0-9a-fA-F]/.test(digit) ? Number.parseInt(digit, 16) : 255
})

export const tab = 9
export const lineFeed = 10
export const carriageReturn = 13
export const space = 32
export const colon = 58
