/**
 * What `/version` says (H-03): Astern answers as Kubernetes 1.35, and says in the build part that
 * it is Astern.
 */
export const version = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0+astern.0.1.0',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: `node ${process.version}`,
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
}
