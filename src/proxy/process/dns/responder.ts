import { type DecodedPacket, decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet'
import { responseCodes, responseTo, udpBytesFor, type Verdict, verdictOf } from './answer.ts'
import type { Forwarder } from './forwarder.ts'
import type { KnownNames } from './known-names.ts'

type Said = Pick<Verdict, 'code' | 'answers' | 'additionals'>

const headBytes = 12
const isResponse = 0x80
const said = (code: number): Said => ({ code, answers: [], additionals: [] })

/** From the bytes of a query to those of its response, whoever has to be asked for it. */
export class Responder {
  readonly #forwarder: Forwarder
  #names: KnownNames
  #turn = 0

  constructor(names: KnownNames, forwarder: Forwarder) {
    this.#names = names
    this.#forwarder = forwarder
  }

  follow(names: KnownNames): void {
    this.#names = names
  }

  /** undefined: nothing is said to that. */
  async respond(bytes: Buffer, isByTcp: boolean): Promise<Buffer | undefined> {
    if (bytes.length < headBytes || (bytes.readUInt8(2) & isResponse) !== 0) return undefined
    const query = decoded(bytes)
    if (query?.questions?.length !== 1) return malformed(bytes)
    const respond = (what: Said) => this.#bytesOf(query, what, isByTcp)
    if (opcodeOf(bytes) !== 0) return respond(said(responseCodes.notImplemented))
    try {
      return await this.#answer(query, bytes, isByTcp)
    } catch {
      // Names come from users' hands, and answers from anywhere: some cannot be written.
      return respond(said(responseCodes.failed))
    }
  }

  async #answer(query: DecodedPacket, bytes: Buffer, isByTcp: boolean): Promise<Buffer> {
    const [question] = query.questions ?? []
    const respond = (what: Said) => this.#bytesOf(query, what, isByTcp)
    if (!question) return malformed(bytes)
    const verdict = verdictOf(question, this.#names, this.#turn++)
    const { outside } = verdict
    if (!outside) return respond(verdict)
    const isAlias = outside.answers.length > 0
    const asked = isAlias ? encode({ ...query, questions: [outside.question] }) : bytes
    const answer = await this.#forwarder.ask(asked, isByTcp)
    if (!answer) return respond(said(responseCodes.failed))
    if (!isAlias) return answer
    const answers = [...outside.answers, ...(decode(answer).answers ?? [])]
    return respond({ code: codeOf(answer), answers, additionals: [] })
  }

  /** What is too long for UDP is to be asked for by TCP. */
  #bytesOf(query: DecodedPacket, what: Said, isByTcp: boolean): Buffer {
    const response = responseTo(query, what, this.#names)
    const bytes = encode(response)
    if (isByTcp || bytes.length <= udpBytesFor(query)) return bytes
    const empty: Packet = { ...response, answers: [], authorities: [] }
    const additionals = (response.additionals ?? []).filter(({ type }) => type === 'OPT')
    return encode({ ...empty, additionals, flags: (response.flags ?? 0) | TRUNCATED_RESPONSE })
  }
}

function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

function opcodeOf(message: Buffer): number {
  return (message.readUInt8(2) >> 3) & 0xf
}

function codeOf(message: Buffer): number {
  return message.readUInt8(3) & 0xf
}

function malformed(bytes: Buffer): Buffer {
  const flags = responseCodes.malformed
  return encode({ type: 'response', id: bytes.readUInt16BE(0), flags, questions: [] })
}
