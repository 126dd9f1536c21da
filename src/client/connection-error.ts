/**
 * The server was not reached, or not until its answer was whole; for what it answers there is
 * StatusError.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** What to do next. */
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

const certificateHint =
  'the engine may have been set up anew since this kubeconfig was written: `astern kubeconfig` prints the present one'

/** Why connecting failed, in kubectl's words. `hostPort` is such as `127.0.0.1:6443`. */
export function connectFailure(hostPort: string, error: NodeJS.ErrnoException): ConnectionError {
  const { code = '' } = error
  const unable = (why: string, hint?: string) =>
    new ConnectionError(`Unable to connect to the server: ${why}`, hint)
  if (code === 'ECONNREFUSED') {
    return new ConnectionError(
      `The connection to the server ${hostPort} was refused - did you specify the right host or port?`,
      'nothing listens there: start the engine with `astern up`, or choose a cluster with --kubeconfig or --context',
    )
  }
  if (code === 'ENOTFOUND') {
    return unable(`lookup ${hostPort}: no such host`, 'check the server in the kubeconfig')
  }
  if (/CERT|VERIFY_LEAF|ISSUER/.test(code)) {
    return unable(`tls: failed to verify certificate: ${error.message}`, certificateHint)
  }
  return unable(`${hostPort}: ${error.message || code}`)
}

/** The connection broke with a request under way. */
export function connectionLost(hostPort: string, cause?: Error): ConnectionError {
  const why = cause ? `: ${cause.message}` : ''
  return new ConnectionError(`lost the connection to the server ${hostPort}${why}`)
}
