import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { HTTPGetAction } from '../../api/generated/types.ts'
import { errored, failure, type ProbeOutcome, success } from './probe.ts'

const redirectsMax = 10
const bodyBytesMax = 10 * 1024

interface HttpProbe {
  readonly action: HTTPGetAction
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

function headersOf({ action }: HttpProbe): Record<string, string> {
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.35', Accept: '*/*' }
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value
  return headers
}

function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      if (text.length < bodyBytesMax) text += chunk
    })
    response.on('close', () => resolve(text.slice(0, bodyBytesMax)))
  })
}

/**
 * A connection of its own each time: a probe shall not be answered by a connection that is still
 * open.
 */
function get(url: URL, probe: HttpProbe, signal: AbortSignal): Promise<IncomingMessage> {
  const options = { headers: headersOf(probe), agent: false, rejectUnauthorized: false, signal }
  return new Promise((resolve, reject) => {
    const request: ClientRequest =
      url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options)
    request.on('response', resolve).on('error', reject).end()
  })
}

async function follow(probe: HttpProbe, signal: AbortSignal): Promise<ProbeOutcome> {
  const { action, host, port } = probe
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const first = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
  let url = new URL(action.path ?? '/', first)
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const response = await get(url, probe, signal)
    const body = await readBody(response)
    const code = response.statusCode ?? 0
    const { location } = response.headers
    if (code < 300 || code >= 400 || location === undefined) {
      if (code >= 200 && code < 400) return success(body)
      return failure(`HTTP probe failed with statuscode: ${code}`)
    }
    url = new URL(location, url)
    if (url.hostname !== first.hostname) return success('Probe terminated redirects')
  }
  return errored(`stopped after ${redirectsMax} redirects`)
}

/**
 * GET; 200 <= code < 400 is success; redirects are followed on the same host only; certificates
 * unverified (F-09).
 */
export async function httpProbe(probe: HttpProbe): Promise<ProbeOutcome> {
  try {
    return await follow(probe, AbortSignal.timeout(probe.timeoutMs))
  } catch (error) {
    const { action, host, port } = probe
    const url = `${(action.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${action.path ?? '/'}`
    const why = (error as Error).name === 'AbortError' ? timeoutText : (error as Error).message
    return failure(`Get "${url}": ${why}`)
  }
}

const timeoutText = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
