import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet'
import type { NameRecords } from '../../protocol.ts'
import type { KnownNames } from './known-names.ts'

/** Clients ask again after so long: pods come and go. */
const ttl = 5
/** As many as programs follow. */
const aliasesMax = 8

export const responseCodes = { ok: 0, malformed: 1, failed: 2, noSuchName: 3, notImplemented: 4 }

/** What others have to be asked for: a name outside, or the one that an alias leads to. */
export interface Outside {
  readonly question: Question
  /** What comes before their answer. */
  readonly answers: readonly Answer[]
}

export interface Verdict {
  readonly code: number
  readonly answers: readonly Answer[]
  readonly additionals: readonly Answer[]
  readonly outside: Outside | undefined
}

const nothing: Verdict = {
  code: responseCodes.ok,
  answers: [],
  additionals: [],
  outside: undefined,
}

/** What is to be said to a question. `turn` grows: several addresses take turns at being first. */
export function verdictOf(question: Question, names: KnownNames, turn: number): Verdict {
  const answers: Answer[] = []
  let { name } = question
  for (let aliases = 0; aliases < aliasesMax; aliases++) {
    if (!names.isOurs(name)) {
      return { ...nothing, outside: { question: { ...question, name }, answers } }
    }
    const records = names.find(name)
    if (!records) {
      const code = names.exists(name) ? responseCodes.ok : responseCodes.noSuchName
      return { ...nothing, code, answers }
    }
    if (records.alias === undefined) {
      const own = ownAnswers({ ...question, name }, records, turn)
      const additionals = own.flatMap((answer) => targetOf(answer, names))
      return { ...nothing, answers: [...answers, ...own], additionals }
    }
    // The API takes longer labels than the protocol has room for.
    if (!isName(records.alias)) break
    answers.push({ type: 'CNAME', name, ttl, data: records.alias })
    if (question.type === 'CNAME') return { ...nothing, answers }
    name = records.alias
  }
  return { ...nothing, code: responseCodes.failed }
}

function isName(text: string): boolean {
  return text.length <= 253 && text.split('.').every(({ length }) => length > 0 && length <= 63)
}

function ownAnswers(
  { type, name }: Question,
  { addresses = [], servers = [], pointer }: NameRecords,
  turn: number,
): readonly Answer[] {
  switch (type) {
    case 'A': {
      const first = addresses.length > 0 ? turn % addresses.length : 0
      const turned = [...addresses.slice(first), ...addresses.slice(0, first)]
      return turned.map((data) => ({ type: 'A', name, ttl, data }))
    }
    case 'SRV':
      return servers.map(({ port, target }) => {
        const data = { priority: 0, weight: 100, port, target }
        return { type: 'SRV', name, ttl, data }
      })
    case 'PTR':
      return pointer === undefined ? [] : [{ type: 'PTR', name, ttl, data: pointer }]
    default:
      return []
  }
}

/** The address of an SRV record's target, which the client would ask for next. */
function targetOf(answer: Answer, names: KnownNames): readonly Answer[] {
  if (answer.type !== 'SRV') return []
  const { target } = answer.data
  return (names.find(target)?.addresses ?? []).map((data) => ({
    type: 'A',
    name: target,
    ttl,
    data,
  }))
}

/** The response to a query; what is empty says for how long that may be believed. */
export function responseTo(
  query: DecodedPacket,
  { code, answers, additionals }: Pick<Verdict, 'code' | 'answers' | 'additionals'>,
  names: KnownNames,
): Packet {
  const { id = 0, questions = [] } = query
  const [question] = questions
  const recursion = (query.flags ?? 0) & RECURSION_DESIRED
  const isOurs = question !== undefined && names.isOurs(question.name)
  return {
    type: 'response',
    id,
    flags: recursion | RECURSION_AVAILABLE | (isOurs ? AUTHORITATIVE_ANSWER : 0) | code,
    questions,
    answers: [...answers],
    authorities: isOurs && answers.length === 0 ? [startOfAuthority(names.domain)] : [],
    additionals: [...additionals, ...(udpSizeOf(query) === undefined ? [] : [ourOptions])],
  }
}

function startOfAuthority(domain: string): Answer {
  const data = {
    mname: `ns.dns.${domain}`,
    rname: `hostmaster.${domain}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl,
  }
  return { type: 'SOA', name: domain, ttl, data }
}

/** What goes through every network in one piece. */
const udpBytesMax = 1232

const ourOptions: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: udpBytesMax,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}

/** How long a response by UDP may be. */
export function udpBytesFor(query: DecodedPacket): number {
  return Math.min(Math.max(udpSizeOf(query) ?? 512, 512), udpBytesMax)
}

function udpSizeOf({ additionals = [] }: DecodedPacket): number | undefined {
  const options = additionals.find(({ type }) => type === 'OPT')
  return options?.type === 'OPT' ? options.udpPayloadSize : undefined
}
