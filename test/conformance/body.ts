import { type ClusterUnderTest, World } from './world.ts'

/** One test of upstream's, by what it is about. */
export interface Body {
  /** Of semantics.md section I. */
  readonly id: string
  /** The suite and upstream's title. */
  readonly title: string
  /** Containers must really run, or the API really listen: nothing for a simulation. */
  readonly needsPrograms?: true
  readonly nodesMin?: number
  run(world: World): Promise<void>
}

/** All bodies of one suite of upstream's, by id and title: `I-01 should do this`. */
export function suite(
  name: string,
  bodies: Readonly<Record<string, Body['run'] | Omit<Body, 'id' | 'title'>>>,
): readonly Body[] {
  return Object.entries(bodies).map(([text, body]) => ({
    id: text.slice(0, 4),
    title: `${name} ${text.slice(5)}`,
    ...(typeof body === 'function' ? { run: body } : body),
  }))
}

/** Rejects with what is wrong; cleans up either way. */
export async function runBody(body: Body, cluster: ClusterUnderTest): Promise<void> {
  const world = await World.open(cluster)
  try {
    await body.run(world)
  } finally {
    await world.close()
  }
}
