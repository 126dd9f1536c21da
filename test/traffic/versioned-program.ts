const streamChunks = 20
const streamChunkMs = 15

/** What a whole stream of a version is. */
export function streamBody(version: string): string {
  return Array.from({ length: streamChunks }, (_, at) => `${version} ${at}\n`).join('')
}

/**
 * A program for pods and peers alike, listening on `$PORT`. No signal handler: it dies in the
 * middle of whatever it does. Every answer takes a few milliseconds, a stream a third of a second.
 */
export function versionedProgram(version: string): string {
  return `
const version = '${version}'
const soon = (act) => setTimeout(act, Math.random() * 8)
const stream = (response) => {
  let sent = 0
  const timer = setInterval(() => {
    response.write(version + ' ' + sent + '\\n')
    if (++sent < ${streamChunks}) return
    clearInterval(timer)
    response.end()
  }, ${streamChunkMs})
}
const server = require('node:http').createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    response.setHeader('x-version', version)
    if (request.url === '/stream') stream(response)
    else soon(() => response.end(request.url === '/echo' ? Buffer.concat(chunks) : version))
  })
})
server.keepAliveTimeout = 60000
server.listen(process.env.PORT, '127.0.0.1', () => console.log('listening'))
`
}
