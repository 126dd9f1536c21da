/** A program of which there are versions, listening on `$PORT` of 127.0.0.1. */
export interface Program {
  readonly file: string
  readonly text: (version: string) => string
  /** In the directory of the file. */
  readonly command: readonly string[]
}

const streamChunks = 20
const streamChunkMs = 15

/** What a whole stream of a version is. */
export function streamBody(version: string): string {
  return Array.from({ length: streamChunks }, (_, at) => `${version} ${at}\n`).join('')
}

/**
 * A program for pods and peers alike, listening on `$PORT`. No signal handler: it dies in the
 * middle of whatever it does. Every answer takes a few milliseconds, a stream a third of a second.
 * A POST to /crash is its `kill -9`.
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
  if (request.method === 'POST' && request.url === '/crash') process.kill(process.pid, 'SIGKILL')
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

/** Has one of the programs behind this port end as by `kill -9`: a POST is not sent twice. */
export async function crashOne(host: string, port: number): Promise<void> {
  const answer = await fetch(`http://${host}:${port}/crash`, { method: 'POST' }).catch(() => {})
  await answer?.text()
}

export const nodeProgram: Program = {
  // Whatever package.json lies above it.
  file: 'server.cjs',
  text: versionedProgram,
  command: ['node', 'server.cjs'],
}

/** Says its version, and is up within milliseconds: what is measured is who starts it. */
export const busyboxProgram: Program = {
  file: 'index.html',
  text: (version) => version,
  command: ['sh', '-c', 'exec busybox httpd -f -p 127.0.0.1:$PORT -h .'],
}
