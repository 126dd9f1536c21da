/** What one client may ask of the server; beyond a bound it gets the Kubernetes error for it. */
export interface Limits {
  /** Bytes of a request body: 413 beyond. Upstream's bound. */
  readonly bodyBytesMax: number
  readonly headerBytesMax: number
  readonly connectionsMax: number
  /** Requests at a time on one HTTP/2 connection. */
  readonly streamsMax: number
  /** Of answers that one HTTP/2 connection has not taken yet; beyond it takes no more requests. */
  readonly connectionMegabytesMax: number
  /** Reads under way at a time, of all users but the masters: 429 beyond. Upstream's bound. */
  readonly readsMax: number
  /** The same for writes. */
  readonly writesMax: number
  /** Watches, followed logs and connections into pods of one user at a time: 429 beyond. */
  readonly watchesPerUserMax: number
  /** Bytes of live events that wait for a slow watcher before it is cut off. */
  readonly watchBacklogBytesMax: number
}

export const defaultLimits: Limits = {
  bodyBytesMax: 3 * 1024 * 1024,
  headerBytesMax: 64 * 1024,
  connectionsMax: 4096,
  streamsMax: 1000,
  connectionMegabytesMax: 1024,
  readsMax: 400,
  writesMax: 200,
  watchesPerUserMax: 1000,
  watchBacklogBytesMax: 64 * 1024 * 1024,
}
