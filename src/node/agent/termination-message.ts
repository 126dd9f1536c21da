import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Container } from '../../api/generated/types.ts'
import type { ContainerRecord, ContainerRef, Isolation, Mount, Runtime } from '../runtime.ts'

const fileBytesMax = 4096
const logBytesMax = 2048
const logLinesMax = 80
/** What every container has by default, whether it knows of it or not. */
export const usualMessagePath = '/dev/termination-log'

/** Not everywhere is there a place for it that no other container has. */
export function hasMessageFile(isolation: Isolation, path = usualMessagePath): boolean {
  return path !== usualMessagePath || isolation.hasOwnRoots === true
}

function messageFile(isolation: Isolation, ref: ContainerRef): string {
  const name = `${ref.container}-${ref.restart}`
  return join(isolation.volumesDir(ref.podUid), '..', '.termination', name)
}

/** An empty file for the container's last words, as a mount at its terminationMessagePath. */
export async function messageMount(
  isolation: Isolation,
  ref: ContainerRef,
  containerPath: string,
): Promise<Mount> {
  const hostPath = messageFile(isolation, ref)
  await mkdir(dirname(hostPath), { recursive: true })
  await writeFile(hostPath, '')
  // Containers may run as any user.
  await chmod(hostPath, 0o666)
  return { hostPath, containerPath, isReadOnly: false }
}

/**
 * What an ended container leaves as its message: what it has written to its file, else, if its
 * policy says so and it has failed, the end of its log (80 lines, 2 KiB).
 */
export async function terminationMessage(
  runtime: Runtime,
  { terminationMessagePath, terminationMessagePolicy }: Container,
  record: ContainerRecord,
): Promise<string | undefined> {
  const { state } = record
  if (state.phase === 'running' || !runtime.isolation) return undefined
  const written = hasMessageFile(runtime.isolation, terminationMessagePath)
    ? await readFile(messageFile(runtime.isolation, record), 'utf8').catch(() => '')
    : ''
  if (written !== '') return written.slice(0, fileBytesMax)
  if (terminationMessagePolicy !== 'FallbackToLogsOnError' || state.exitCode === 0) return undefined
  const chunks: Uint8Array[] = []
  const options = { container: record.container, tailLines: logLinesMax }
  const { signal } = new AbortController()
  for await (const chunk of runtime.readLog(record, options, signal)) chunks.push(chunk)
  return Buffer.concat(chunks).subarray(-logBytesMax).toString('utf8') || undefined
}
