/**
 * What control plane and shim say on a connection to `exec.sock`, which is one command: a byte for
 * the kind, four for the length, the payload.
 */
export const execFrame = {
  /** First of all: an ExecStart as JSON. */
  start: 0,
  stdin: 1,
  stdinEnd: 2,
  /** A TerminalSize as JSON. */
  resize: 3,
  /** The command runs. */
  started: 16,
  /** It could not be started, and why as text. */
  failed: 17,
  stdout: 18,
  stderr: 19,
  /** The command has taken one `stdin`: the next one may come. */
  stdinTaken: 20,
  /** Last of all: the exit code as text. */
  exit: 21,
} as const

const headBytes = 5

export function execFrameBytes(kind: number, payload: Uint8Array | string = ''): Buffer {
  const body = Buffer.from(payload)
  const head = Buffer.alloc(headBytes)
  head[0] = kind
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** Cuts a connection's bytes into frames. */
export function execFrames(
  onFrame: (kind: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (data.length >= headBytes) {
      const end = headBytes + data.readUInt32BE(1)
      if (data.length < end) break
      onFrame(data[0] as number, data.subarray(headBytes, end))
      data = data.subarray(end)
    }
    rest = data
  }
}
