import type { Exchange } from './exchange.ts'
import { sendText } from './respond.ts'

/** `/livez`, `/readyz`, `/healthz` and their parts (H-03). Returns false for other paths. */
export function serveHealth({ response, path, query }: Exchange, isReady: () => boolean): boolean {
  const match = /^\/(healthz|livez|readyz)(?:\/([\w-]+))?\/?$/.exec(path)
  if (!match) return false
  const [, check, part] = match
  if (part !== undefined && part !== 'ping') return false
  const isGood = check === 'livez' || isReady()
  if (!isGood) sendText(response, `[+]ping ok\n[-]startup failed\n${check} check failed\n`, 500)
  else if (query.has('verbose')) sendText(response, `[+]ping ok\n${check} check passed\n`)
  else sendText(response, 'ok')
  return true
}
