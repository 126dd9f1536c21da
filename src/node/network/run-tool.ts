import { execFile } from 'node:child_process'

const toolMsMax = 60_000

/** A tool of the machine has failed; the message is what it said. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed'
  readonly stdout: string

  constructor(message: string, stdout: string) {
    super(message)
    this.stdout = stdout
  }
}

export interface ToolInput {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a tool to its end; resolves with its stdout, rejects with ToolFailed. */
export function runTool(
  path: string,
  args: readonly string[],
  { stdin = '', env }: ToolInput = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: toolMsMax, ...(env && { env }) }
    const child = execFile(path, [...args], options, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else reject(new ToolFailed(stderr.trim() || error.message, stdout))
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(stdin)
  })
}
