import { type ClientHttp2Session, constants, type IncomingHttpHeaders } from 'node:http2'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { PodConnector } from '../../src/api/seams.ts'
import { StatusError } from '../../src/api/status-error.ts'
import { serveApi } from '../../src/apiserver/wire/served-api.fixture.ts'
import { Bodies } from './bodies.ts'
import { describedBy } from './operations.ts'
import { type FuzzRequest, requestSorts } from './requests.ts'
import { plantObjects, uprootObjects } from './seed-objects.ts'

/** No request takes longer, on however slow a machine. */
const hangMs = 20_000
/** How many requests go by until what they deleted is there again. */
const replantEvery = 200

export interface FuzzOptions {
  /** Requests of each sort. */
  readonly runs: number
  /** Default: another one each time; a failure prints it. */
  readonly seed?: number
  /** Default: all of them. */
  readonly sorts?: readonly string[]
  readonly onSort?: (sort: string, answers: string) => void
}

export interface FuzzReport {
  /** Heap and buffers that were kept, in bytes, after everything was deleted again. */
  readonly grownBytes: number
  readonly requests: number
}

/**
 * Sends requests with something wrong in them to a real API server over real HTTP/2. Rejects with
 * the smallest request for which an answer was a 5xx, no Status where it had to be one, or none.
 */
export async function fuzz({ runs, seed, sorts, onSort }: FuzzOptions): Promise<FuzzReport> {
  const api = await serveApi()
  api.server.podConnector = nothingRuns
  try {
    const described = await describedBy(api)
    const session = api.session(await api.pki.client('admin'))
    const all = requestSorts(described, new Bodies(described))
    const wanted = Object.entries(all).filter(([sort]) => sorts?.includes(sort) ?? true)
    let requests = 0
    const run = async (arbitrary: fc.Arbitrary<FuzzRequest>, numRuns: number) => {
      const codes = new Map<number, number>()
      const property = fc.asyncProperty(arbitrary, async (request) => {
        if (requests++ % replantEvery === 0) await plantObjects(api)
        const code = await checkedAnswer(session, request)
        codes.set(code, (codes.get(code) ?? 0) + 1)
      })
      await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) })
      return [...codes].sort(([a], [b]) => a - b).map(([code, count]) => `${count} x ${code}`)
    }
    // What is made once, such as documents and compiled code, is no growth.
    for (const [, arbitrary] of wanted) await run(arbitrary, Math.ceil(runs / 10))
    await uprootObjects(api)
    const before = keptBytes()
    for (const [sort, arbitrary] of wanted) {
      const answers = await run(arbitrary, runs)
      onSort?.(sort, answers.join(', '))
    }
    await uprootObjects(api)
    return { grownBytes: keptBytes() - before, requests }
  } finally {
    await api.close()
  }
}

const refuse = () => Promise.reject(new StatusError('BadRequest', 'nothing runs here'))

/** A node there is, so that its absence explains nothing. */
const nothingRuns: Partial<PodConnector> = { exec: refuse, attach: refuse, portForward: refuse }

function keptBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** The answer's code. Throws where something about the answer is wrong. */
async function checkedAnswer(session: ClientHttp2Session, request: FuzzRequest): Promise<number> {
  const { code, text } = await answerTo(session, request)
  const polluted = Object.keys(Object.prototype)
  if (polluted.length > 0) throw new Error(`Object.prototype has got ${polluted}`)
  if (code >= 500 && !isAhead(code, text)) throw new Error(`${code}: ${text}`)
  if (code >= 400 && request.method !== 'HEAD') checkStatus(code, text)
  if (code < 200 || (code >= 300 && code < 400)) throw new Error(`an odd code: ${code}`)
  return code
}

/** A resourceVersion that is not reached yet is upstream's one 504 (H-07). */
function isAhead(code: number, text: string): boolean {
  return code === 504 && text.includes('"ResourceVersionTooLarge"')
}

function checkStatus(code: number, text: string): void {
  const { kind, status, code: said, reason, message } = JSON.parse(text)
  if (kind !== 'Status' || status !== 'Failure' || said !== code || !reason || !message) {
    throw new Error(`no Status of ${code}: ${text}`)
  }
}

interface Answer {
  readonly code: number
  readonly text: string
}

/** A watch or a followed log goes on for ever: what counts is how it begins. */
const endless = /[?&](?:watch|follow)=|\/watch(?:\/|\?|$)/

function answerTo(session: ClientHttp2Session, request: FuzzRequest): Promise<Answer> {
  const { method, path, headers, body } = request
  return new Promise((resolve, reject) => {
    const endStream = body === undefined
    const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream })
    const timer = setTimeout(() => reject(new Error('no answer: the server hangs')), hangMs)
    const done = (answer: Answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    const chunks: Buffer[] = []
    let code = 0
    stream.on('error', reject)
    stream.on('response', (answered: IncomingHttpHeaders) => {
      code = Number(answered[':status'])
      if (code !== 200 || !endless.test(path)) return
      done({ code, text: '' })
      stream.close(constants.NGHTTP2_CANCEL)
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    // Not at the end of the answer: what is still on its way would be in the way of the next.
    stream.on('close', () => done({ code, text: Buffer.concat(chunks).toString('utf8') }))
    if (!endStream) stream.end(body)
  })
}
