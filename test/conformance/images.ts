import type { Container } from '../../src/api/generated/types.ts'

/** Two images that run until they are stopped, and one that is nowhere. */
export interface Images {
  readonly first: string
  readonly second: string
  readonly missing: string
}

/** Containers for the bodies in which something must really happen. */
export interface Programs {
  /** Answers every request on `servingPort` with the name of its pod. */
  serveHostname(): Omit<Container, 'name'>
  /** Ends well once each of the words has been an answer of `url`. */
  hears(url: string, words: readonly string[]): Omit<Container, 'name'>
}

export const servingPort = 9376

/** A real cluster's: images of the Kubernetes project. */
export const publicImages: Images = {
  first: 'registry.k8s.io/pause:3.9',
  second: 'registry.k8s.io/pause:3.10',
  missing: 'registry.k8s.io/astern-conformance:none',
}

const agnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.47'

const shell = (script: string) => ({ image: agnhost, command: ['/bin/sh', '-c', script] })

export const publicPrograms: Programs = {
  serveHostname: () => ({
    image: agnhost,
    args: ['serve-hostname'],
    ports: [{ containerPort: servingPort }],
  }),
  hears: (url, words) =>
    shell(
      words
        .map((word) => `until curl -s ${url} | grep -q '${word}'; do sleep 0.2; done`)
        .join('\n'),
    ),
}
