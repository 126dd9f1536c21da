/** Stories speak of `app:1`; a cluster needs the name of something that it can pull. */
export interface ImageNames {
  toCluster(text: string): string
  toStory(text: string): string
}

/** For the simulated runtime, which runs any name. */
export const asTheyAre: ImageNames = { toCluster: (text) => text, toStory: (text) => text }

/** Something that starts, does nothing and ends when it is told to, in many versions. */
const pause = 'registry.k8s.io/pause'
const pauseTags: Readonly<Record<string, string>> = {
  'app:1': '3.6',
  'app:2': '3.7',
  'app:3': '3.8',
  'app:9': '3.4.1',
  'app:hand': '3.5',
  'app:other': '3.9',
  'other:1': '3.2',
  'other:2': '3.3',
}

/** For a real cluster: `PREFIX/app:1` and so on; without a prefix, versions of `pause`. */
export function pulledNames(prefix: string | undefined): ImageNames {
  const pairs = Object.entries(pauseTags).map(
    ([name, tag]) =>
      [name, prefix === undefined ? `${pause}:${tag}` : `${prefix}/${name}`] as const,
  )
  return {
    toCluster: (text) => replaced(text, pairs),
    toStory: (text) =>
      replaced(
        text,
        pairs.map(([name, pulled]) => [pulled, name] as const),
      ),
  }
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  const names = new Map(pairs)
  const alternatives = [...names.keys()].map((name) => name.replaceAll(/[.]/g, '\\.'))
  const pattern = new RegExp(`(?<![\\w./-])(?:${alternatives.join('|')})(?![\\w.])`, 'g')
  return text.replaceAll(pattern, (name) => names.get(name) ?? name)
}
