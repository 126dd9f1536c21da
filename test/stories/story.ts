import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll, beforeAll, type TestContext, test } from 'vitest'
import type { GivenStory } from '../release-cli/given-story.ts'
import { openPlace, type StoryPlace } from './place.ts'

/** A sentence of a story. */
export interface Told {
  readonly word: 'given' | 'when' | 'then'
  readonly text: string
}

declare module 'vitest' {
  interface TaskMeta {
    chapter?: string
    /** The sentences that were reached: where a story failed, it failed in the last one. */
    told?: readonly Told[]
  }
}

export interface StoryOptions {
  /** Why it can be told on the embedded engine alone; absent: on any cluster. */
  readonly embeddedBecause?: string
}

/**
 * Stories of a file are told side by side, each with dozens of programs: on a busy machine that
 * takes.
 */
const patienceMs = 600_000

let place: StoryPlace
let title: string
const telling = new AsyncLocalStorage<TestContext>()

/**
 * The stories of this file, on one cluster: a simulated engine of their own, or the one that `npm
 * run stories` was given. They are told side by side.
 */
export function chapter(name: string): void {
  title = name
  beforeAll(async () => {
    place = await openPlace()
  })
  afterAll(() => place?.close())
}

/** `plot` has a namespace and a bare repository of its own. */
export function story(
  name: string,
  plot: (world: GivenStory) => Promise<void>,
  { embeddedBecause }: StoryOptions = {},
): void {
  test.concurrent(name, { timeout: patienceMs }, async (context) => {
    context.task.meta.chapter = title
    if (embeddedBecause !== undefined && !place.isEmbedded) context.skip(embeddedBecause)
    const world = await place.world()
    try {
      await telling.run(context, () => plot(world))
    } finally {
      await world.end()
    }
  })
}

/** Says what the code below does, up to the next sentence. */
export const given = (text: string) => tell({ word: 'given', text })
export const when = (text: string) => tell({ word: 'when', text })
/** Told as "then": a module with an export of that name would be taken for a promise. */
export const so = (text: string) => tell({ word: 'then', text })

function tell(sentence: Told): void {
  const meta = telling.getStore()?.task.meta
  if (meta) meta.told = [...(meta.told ?? []), sentence]
}
