// The story's program: `node server.mjs VERSION [FAIL_EVERY]`. It says who answers, gets ready a moment
// after it has started, and ends at once when it is told to: what it was doing is lost. With FAIL_EVERY,
// each so-many-th request is answered with 500.
import { createServer } from 'node:http'

const [version = 'unknown', failEvery = '0'] = process.argv.slice(2)
const pod = process.env.HOSTNAME ?? 'unknown'
const warmUpMs = 300
const startedMs = performance.now()
let requests = 0

createServer((request, response) => {
  if (request.url === '/ready') {
    response.writeHead(performance.now() - startedMs < warmUpMs ? 503 : 200).end()
    return
  }
  requests += 1
  const isFailure = Number(failEvery) > 0 && requests % Number(failEvery) === 0
  response.writeHead(isFailure ? 500 : 200, { 'x-version': version, 'x-pod': pod })
  response.end(`${isFailure ? 'error in' : 'hello from'} version ${version}, pod ${pod}\n`)
}).listen(Number(process.env.PORT ?? 8080))

// As without a handler; but the first process of a container is only told what it listens for.
process.once('SIGTERM', () => process.exit(143))
